/** Messages about settings that an identity provider does not accept, and advice for the errors of providers. */
export const PROVIDER_MESSAGES = {
  // Settings, which are checked before a request to the provider.
  'entra-tenant-missing': 'Put the ID of your tenant into the issuer: {{example}}.',
  'entra-tenant-shared':
    '"{{tenant}}" means all tenants, but a service account belongs to one tenant. Enter the ID of your tenant instead.',
  'entra-tenant-is-domain':
    'Entra ID writes the ID of the tenant into its tokens, not "{{tenant}}". Enter the ID from the overview page of the tenant.',
  'entra-issuer-differs': 'The issuer of this tenant is {{expected}}. Enter exactly this.',
  'entra-resource-missing':
    'Enter the Application ID URI of the API followed by /.default. Entra ID issues the token for this API.',
  'entra-scope-missing':
    'Entra ID needs a scope to issue a token for the API. Enter the application ID of the API followed by /.default.',
  'entra-scope-not-default':
    'Entra ID rejects a scope that does not end in /.default. Enter the application ID of the API followed by /.default.',
  'entra-several-scopes': 'Entra ID accepts the scope of only one application here. Remove the other scopes.',
  'entra-audience-unused':
    'Entra ID does not support an audience, so the audience is not sent. The scope names the API that the token is for.',
  'auth0-issuer-without-slash':
    'The issuer of this Auth0 tenant is {{expected}}, with a slash at the end. Enter exactly this.',
  'auth0-audience-missing':
    'Enter the Identifier of the API: if the audience is empty and the tenant has no default audience, Auth0 issues a token that Micromegas cannot read.',
  'okta-org-server':
    "This is Okta's org server, whose tokens are for Okta alone. Use a custom authorization server, for example {{example}}.",
  'okta-issuer-with-slash': 'The issuer of Okta has no slash at the end. Remove the slash.',
  'okta-scope-missing':
    'Okta needs a scope, or a default scope of the authorization server, to issue a token. Enter a scope that was added to the authorization server.',
  'okta-openid-scope':
    'Okta grants no OpenID scope to a service account ({{scopes}}). Enter a scope that was added to the authorization server.',
  'google-issuer-differs': "Google's issuer has no slash at the end and no path. Enter exactly {{expected}}.",
  'google-audience-missing':
    'Enter the audience that is configured on the Micromegas server. Google writes this audience into the token of the service account.',
  'google-scope-unused': 'Google accepts either a scope or an audience, so the scope is not sent.',
  'keycloak-issuer-with-slash': 'The issuer of Keycloak has no slash at the end. Remove the slash.',
  'cognito-tokens-without-audience':
    'Access tokens of AWS Cognito have no audience (aud), and Micromegas rejects such tokens. The tokens work only if a pre token generation trigger of the user pool adds an audience.',

  // Methods of client authentication. Each message `proof-…` is a value of {{authentication}} in messages such as
  // `use-secret`. `expected-…` is the method in the settings, `used-…` the method of a request that was sent.
  'proof-secret': 'a client secret',
  'proof-secret-file': 'a client secret from a file',
  'proof-secret-jwt': 'an assertion signed with the client secret',
  'proof-private-key': 'an assertion signed with the private key',
  'proof-assertion-file': 'an assertion from a file',
  'proof-google-key': 'an assertion signed with the key of a Google service account',
  'expected-secret': 'client secret',
  'expected-secret-file': 'client secret from a file',
  'expected-secret-jwt': 'assertion signed with the client secret',
  'expected-private-key': 'assertion signed with the private key',
  'expected-assertion-file': 'assertion from a file',
  'expected-google-key': 'assertion signed with the key of the Google service account',
  'used-secret-post': 'client secret in the form',
  'used-secret-basic': 'client secret in the Authorization header',
  'used-secret-basic_unencoded': 'client secret in the Authorization header, without form encoding',
  'used-secret-file-post': 'client secret from a file, in the form',
  'used-secret-file-basic': 'client secret from a file, in the Authorization header',
  'used-secret-file-basic_unencoded': 'client secret from a file, in the Authorization header, without form encoding',
  'used-secret-jwt': 'assertion signed with the client secret by {{algorithm}} for the audience {{audience}}',
  'used-private-key': 'assertion signed with {{algorithm}} for the audience {{audience}}',
  'used-assertion-file': 'assertion from a file',
  'used-google-key': "assertion signed with RS256 by the service account's key",

  // What to check or change after the provider has rejected the client authentication or the request.
  'check-secret': 'Check {{oauthClientId}} and {{oauthClientSecret}}.',
  'check-secret-file': 'Check {{oauthClientId}}, and that {{oauthSecretFile}} contains the secret of this client.',
  'check-private-key':
    'Check {{oauthClientId}}, {{oauthPrivateKey}} and {{oauthKeyId}}: the identity provider must have the public key of this private key for the client.',
  'check-assertion-file':
    'Check {{oauthClientId}}, and that the identity provider trusts the issuer of the assertion in {{oauthAssertionFile}} for the client.',
  'check-google-key': 'Check the JSON key of the service account.',
  'compare-method':
    'The client may also be registered for another method, or as a public client without a secret: the data source sends {{authentication}}, so compare {{oauthClientProof}} with the client at the identity provider.',
  'compare-algorithm':
    'The client may also be registered for another method, algorithm or key: the data source sends {{authentication}}, signed with {{algorithm}}.',
  'double-dollars':
    'If a provisioning file contains the secret, write each "$" in it as "$$": Grafana replaces "$" and the name after it by the value of a variable.',
  'use-secret':
    'The client is configured for a client secret, but the data source sends {{authentication}}. Select Client secret as {{oauthClientProof}}, or change the client at the identity provider.',
  'use-private-key':
    'The client is configured for a JWT signed with a private key, but the data source sends {{authentication}}. Select Private key as {{oauthClientProof}}, or change the client at the identity provider.',
  'use-secret-jwt':
    'The client is configured for a JWT signed with the client secret, but the data source sends {{authentication}}. Select Client secret (signed JWT) as {{oauthClientProof}}, or change the client at the identity provider.',
  'use-signed-jwt':
    'The client is configured for a signed JWT, but the data source sends {{authentication}}. Select Private key as {{oauthClientProof}} (or Client secret (signed JWT), if the client secret signs the JWT), or change the client at the identity provider.',
  'use-algorithm':
    'The data source signs with {{algorithm}}. As {{oauthSigningAlgorithm}}, select the algorithm that is set for the client at the identity provider, or allow any algorithm for the client there; ES256 needs an EC key, the RS and PS algorithms need an RSA key.',
  'use-algorithm-in-file':
    'Change the algorithm of the assertion in {{oauthAssertionFile}}, or the algorithm that is set for the client at the identity provider.',
  'set-clock': "Synchronize the clock of the machine that runs Grafana (or the plugin's sidecar) with a time server.",
  'renew-assertion-file':
    'The assertion in {{oauthAssertionFile}} may have expired: the platform must renew it. Synchronize the clocks of the platform and of the identity provider with a time server.',
  'allow-client-credentials': 'The client must be allowed to use the client credentials grant.',

  // The requests that were sent, and the responses of the provider.
  'methods-tried': 'Tried: {{methods}}.',
  'grant-not-listed': "The provider's discovery document does not list the client credentials grant.",
  'provider-said': 'Its response: {{words}} (HTTP {{status}}).',
  'provider-error-hidden': 'Its response is an OAuth error (HTTP {{status}}).',
  'provider-description-hidden':
    "The provider's own words are not shown, because a secret of the request has fewer than 8 characters, and the words could repeat it.",
  'provider-said-nothing': 'Its response is not an OAuth error ({{form}}).',
  'answered-with': 'It responds with {{form}}.',
  'requested-url': 'The requested URL is {{url}}.',

  // Errors that standards define.
  'switch-off-dpop':
    'Switch off DPoP (sender-constrained tokens, in Keycloak "Require DPoP bound tokens") for the client at the identity provider.',
  'switch-off-mtls-binding':
    'The client gets only tokens that are bound to a client certificate (mTLS). Switch this off for the client at the identity provider (in Keycloak: Advanced > OAuth 2.0 Mutual TLS Certificate Bound Access Tokens Enabled).',
  'grant-not-allowed': 'Allow the client credentials grant for this client at the identity provider.',
  'grant-invalid':
    'The client may be set to get only tokens that are bound to a client certificate (mTLS) or to a key (DPoP), which the data source does not support: switch this off for the client at the identity provider, and allow the client credentials grant.',
  'assertion-reused':
    'The identity provider has already received this assertion. A proxy in between may have sent the request twice: try again.',
  'assertion-file-reused':
    'The identity provider accepts an assertion only once, but {{oauthAssertionFile}} still contains the same assertion. Make the platform renew the file more often, or allow repeated use at the identity provider.',
  'assertion-file-no-jwt':
    'The content of {{oauthAssertionFile}} is not a JWT. Check the path: the file must contain the assertion only, without quotation marks.',
  'assertion-file-expired':
    'The assertion in {{oauthAssertionFile}} expired at {{time}}, by the clock of the machine that runs the plugin. The platform must renew the file: check that it still runs, and that the mounted file is updated.',
  'assertion-file-audience':
    'The assertion in {{oauthAssertionFile}} is for the audience "{{audience}}". Most identity providers accept only their issuer, {{issuer}}: set this audience at the platform that writes the file, such as audience of a projected token in Kubernetes.',
  'assertion-audience':
    'The identity provider expects another audience (aud) in the assertion. In the configuration of the provider, set its public URL.',
  'key-id-required': 'Enter the kid of the public key as {{oauthKeyId}}: the identity provider requires it.',
  'scope-not-offered': 'Check {{oauthScope}}: the provider does not offer it to this client.',
  'scope-not-granted': 'Check {{oauthScope}}: the provider did not grant it to this client.',
  'audience-not-issued': 'Check {{oauthAudience}}: the provider does not issue tokens for it.',
  'resource-missing':
    'If the provider follows RFC 8707, add the parameter "resource", with the identifier of the API, to {{oauthParameters}}.',
  'resource-unknown':
    'Check the parameter "resource" in {{oauthParameters}}: the provider does not issue tokens for it.',
  'client-unknown': 'Check {{oauthClientId}}: the provider does not know it.',
  'client-id-empty': 'Enter the {{oauthClientId}}.',
  'wait-for-retry': 'Wait: the data source retries by itself.',
  'enter-issuer-exactly':
    'Enter the issuer exactly as it is in the discovery document of the provider, including a slash at the end.',

  'endpoint-host-foreign':
    'If {{address}} belongs to your identity provider, enter this address in {{oauthEndpointHosts}} (Advanced token request) in the data source settings. Otherwise, do not use this {{oauthIssuer}}.',
  'issuer-found': 'Its issuer is "{{found}}", but the settings have "{{configured}}".',
  'tls-terminated': 'A proxy in front of the provider terminates TLS, and the provider is not configured for that.',
  'token-endpoint-over-http': 'The token endpoint is {{url}}, without TLS, although the issuer has https.',
  'issuer-mismatch':
    'If "{{found}}" is your provider, enter exactly this as the issuer in the settings: Micromegas compares every character.',
  'provider-certificate-name':
    'Enter the host of the {{oauthIssuer}} as it is in the certificate, or enter one of its names as {{oauthServerName}}.',
  'provider-without-tls': 'Check the port in the {{oauthIssuer}}.',
  'provider-certificate-expired':
    "Renew the certificate of the provider, or synchronize the clock of the machine that runs Grafana (or the plugin's sidecar) with a time server.",
  'forwarded-headers':
    'Make the reverse proxy of the provider send X-Forwarded-Proto: https and X-Forwarded-Host, and make the provider trust these headers, or set the public address in the configuration of the provider.',
  'forwarded-headers-keycloak':
    'Start Keycloak with --proxy-headers xforwarded, or with --hostname {{origin}}, and make the reverse proxy send X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Port.',
  'forwarded-headers-hydra': 'Set urls.self.issuer of Hydra to {{issuer}}.',
  'do-not-change-issuer': 'Do not change {{oauthIssuer}}.',
  'forwarded-host-keycloak':
    'Make the reverse proxy of Keycloak also send X-Forwarded-Host and X-Forwarded-Port, or start Keycloak with --hostname {{origin}}.',

  // Auth0.
  'auth0-audience-unknown':
    'Check {{oauthAudience}}: it must be exactly the Identifier of an API of this Auth0 tenant.',
  'auth0-no-client-grant':
    'In Auth0, open the API and authorize the application under Machine to Machine Applications.',
  'auth0-audience-required': 'Enter the Identifier of the API in Auth0 as {{oauthAudience}}.',
  'auth0-compare':
    'Compare the settings with the application in Auth0: the authentication method of the application must be the one that the data source uses.',
  'auth0-quota': 'This client has used up its quota of tokens for this hour or day. Wait, or raise the quota in Auth0.',

  // Microsoft Entra ID.
  'entra-secret-id':
    'Enter the Value of the client secret from Entra ID, not its Secret ID. If the value is lost, create a new secret.',
  'entra-secret-expired': 'The client secret has expired. Create a new one in Entra ID and enter its value.',
  'entra-proof-missing':
    'Enter the client secret, or select Private key as {{oauthClientProof}} if the app registration has a certificate.',
  'entra-application-unknown':
    'Check {{oauthClientId}}, and the tenant in {{oauthIssuer}}: the application is not in this tenant.',
  'entra-application-disabled': 'The application is disabled in Entra ID. Enable the application, or use another one.',
  'entra-no-service-principal':
    'Create an enterprise application (service principal) for the application in this tenant of Entra ID.',
  'entra-tenant-unknown': 'Check {{oauthIssuer}}: Entra ID does not know the tenant.',
  'entra-issuer-is-template': 'Enter the ID of your tenant in {{oauthIssuer}}, instead of common or organizations.',
  'entra-other-cloud': 'The tenant is in another cloud of Microsoft. Use the host of that cloud in the issuer.',
  'entra-scope-invalid':
    'Check {{oauthScope}}: Entra ID expects the Application ID URI of one API, followed by /.default. Entra ID accepts no {{oauthAudience}}.',
  'entra-resource-parameter': 'Remove the parameter "resource" from {{oauthParameters}}.',
  'entra-resource-unknown': 'Check {{oauthScope}}: the tenant has no API of this name.',
  'entra-assignment-required':
    'Assign a role of the API to the application in Entra ID, or switch off "Assignment required" of the API.',
  'entra-certificate-unknown':
    'Upload the certificate of the private key to the app registration in Entra ID, and enter the certificate as {{oauthCertificate}}.',
  'entra-no-federated-credential':
    'Add a federated credential to the app registration in Entra ID. The issuer, subject and audience of this credential must be those of the assertion in {{oauthAssertionFile}}.',

  // Okta.
  'okta-use-custom-server':
    "Use a custom authorization server of Okta as {{oauthIssuer}} (https://<domain>/oauth2/default): Micromegas cannot verify the org server's tokens.",
  'okta-scope-required': 'Enter a {{oauthScope}} that was added to the authorization server of Okta.',
  'okta-no-policy':
    'Give the authorization server of Okta an access policy with a rule that allows Client Credentials.',
  'okta-compare': 'Compare the settings with the credentials of the application in Okta.',
  'okta-key-unknown':
    'Add the public key to the application in Okta, and enter the key ID (kid) of this key as {{oauthKeyId}}.',
  'okta-server-unknown': 'Check the id of the authorization server in {{oauthIssuer}}.',

  // Keycloak.
  'keycloak-service-account-off': 'Switch on "Service account roles" for the client in Keycloak.',
  'keycloak-public-client': 'Switch on "Client authentication" and "Service account roles" for the client in Keycloak.',
  'keycloak-key-unknown':
    'Clear {{oauthKeyId}}, or enter the kid that Keycloak shows on the tab Keys of the client. {{oauthPrivateKey}} must be the private key of the same key pair.',
  'keycloak-no-keys':
    'The client has no keys in Keycloak. Import the certificate or the JWKS of {{oauthPrivateKey}} on the tab Keys of the client.',
  'keycloak-secret-wrong':
    'Keycloak knows the client, but its secret is another one. Copy {{oauthClientSecret}} again from the tab Credentials of the client.',
  'keycloak-secret-file-wrong':
    'Keycloak knows the client, but its secret is another one. {{oauthSecretFile}} must contain the secret from the tab Credentials of the client.',
  'keycloak-client-unknown':
    'Keycloak has no client of this name in the realm, the client is disabled, or its Client Authenticator (tab Credentials) is "X509 Certificate", which the data source does not support. Check {{oauthClientId}} and {{oauthRealm}}, and the client in Keycloak.',
  'keycloak-secret-too': 'Some versions of Keycloak also return this error for a wrong secret.',
  'keycloak-realm-unknown': 'Check {{oauthRealm}}: Keycloak does not know the realm.',
  'keycloak-realm-disabled': 'The realm is disabled. Switch on "Enabled" in the realm settings of Keycloak.',
  'keycloak-user-disabled':
    'The service account user of the client is disabled. Enable this user in Keycloak (Users, user name service-account-CLIENT).',
  'keycloak-https-required':
    'The request reached Keycloak over http. Enter the https:// address as {{oauthIssuer}}, or, behind a proxy that terminates TLS, start Keycloak with --proxy-headers xforwarded and make the proxy send X-Forwarded-Proto.',
  'keycloak-old-path': 'Remove /auth from {{oauthIssuer}}: since version 17, addresses of Keycloak do not have it.',
  'keycloak-realm-missing': 'Check {{oauthRealm}}: the issuer has no realm. It must end in /realms/REALM.',
  'keycloak-other-path':
    'Check {{oauthIssuer}}: Keycloak has no realms at this path. If Keycloak was started with --http-relative-path, add the path of this option.',

  // Ory Hydra.
  'hydra-audience-not-allowed':
    'Check {{oauthAudience}}, and allow this audience for the client in Hydra (audience of the client).',
  'hydra-secret-place':
    'The client accepts the secret in one place of the request only, but the data source sends the secret in another place. Select Automatic as {{oauthSecretStyle}} under Advanced token request.',
  'hydra-key-unknown':
    'In Hydra, register the public key in the jwks of the client, with the value of {{oauthKeyId}} as its kid, or enter the registered kid as {{oauthKeyId}}.',
  'hydra-no-keys':
    'The client has no keys in Hydra. Register the public key of {{oauthPrivateKey}} in the jwks of the client.',
  'hydra-method-unsupported':
    'The identity provider does not support the method that is set for the client. At the identity provider, set another method for the client, such as private_key_jwt.',

  // Google.
  'google-key-revoked':
    'The key was revoked, or belongs to another account. Create a new JSON key in Google Cloud and paste it.',
  'google-account-deleted':
    'The service account no longer exists. Create another service account in Google Cloud and paste its JSON key.',
  'google-token-uri-changed':
    'The token_uri in the JSON key is not the token URI of Google. Download the key again and paste it unchanged.',
  'google-report':
    'Report this to the maintainers of the data source: according to Google, the assertion lacks a time.',
  'google-audience-invalid': 'Check {{oauthAudience}}: Google writes this value into the ID token.',
  'google-paste-key':
    'Paste the JSON key of the service account as {{oauthClientSecret}}: Google does not offer the client credentials grant to service accounts.',
  'google-client-disabled': 'The client is disabled at the identity provider.',
  'google-client-deleted': 'The client was deleted at the identity provider.',
  'google-not-allowed': 'Allow this use of the service account in Google Cloud, and check {{oauthAudience}}.',
} as const;
