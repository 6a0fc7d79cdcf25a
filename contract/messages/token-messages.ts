/**
 * Messages about an access token: its properties, the rules of Micromegas that the token breaks, and the settings to
 * change.
 */
export const TOKEN_MESSAGES = {
  // Properties of a token.
  'token-readable': 'The token is a JWT and is not encrypted.',
  'token-algorithm': 'Signed with RS256.',
  'token-issuer': 'The issuer is {{issuer}}.',
  'token-subject': 'The subject is {{subject}}.',
  'token-audience': 'The audience is {{audience}}.',
  'token-audiences':
    "The audiences are {{audiences}}. In the server's configuration, enter the audience that only Micromegas uses.",
  'token-shared-audiences':
    "The token also has the audiences {{audiences}}. Tokens of other clients have them too, so do not enter them in the server's configuration.",
  'token-has-expiry': 'The token has an expiry time (exp).',
  'token-expires-in': 'The token expires in {{duration}}.',
  'token-groups': 'The claim "groups" is absent, or is a string or a list of strings.',

  'next-retry': 'The next retry is possible in {{seconds}} s.',

  // A token in one line.
  'part-unreadable': 'a token that cannot be read',
  'part-issuer': 'issuer {{issuer}}',
  'part-subject': 'subject {{subject}}',
  'part-audience': 'audience {{audiences}}',
  'part-algorithm': 'signed with {{algorithm}}',
  'part-time-left': '{{duration}} left',

  // The issuer of the token is not the issuer in the settings. No rule of Micromegas forbids this difference.
  'issuer-differs': 'The issuer in the token is {{found}}, but the issuer in the settings is {{configured}}.',
  'issuer-differs-by-slash':
    'The issuer in the token is {{found}}, but the issuer in the settings is {{configured}}: they differ only by the slash at the end.',
  'entra-asks-for-v1': 'The API in Entra ID requests v1 tokens.',
  'entra-asks-for-v2': 'The API in Entra ID requests v2 tokens.',
  'configure-issuer': 'Enter exactly {{found}} as the issuer in the configuration of the Micromegas server.',
  'configure-issuer-or-version':
    'Enter exactly {{found}} as the issuer in the configuration of the Micromegas server, or set accessTokenAcceptedVersion to {{version}} in the manifest of the API.',

  // Broken rules.
  'token-encrypted': 'The access token is encrypted, and Micromegas cannot read it.',
  'token-opaque': 'The access token is opaque, not a JWT, and Micromegas cannot verify it.',
  'token-other-algorithm': 'The access token is signed with {{algorithm}}, but Micromegas accepts RS256 only.',
  'token-unknown-algorithm':
    'The access token does not name the algorithm of its signature, and Micromegas accepts RS256 only.',
  'token-no-issuer': 'The access token has no issuer (iss).',
  'token-no-subject': 'The access token has no subject (sub).',
  'token-no-audience': 'The access token has no audience (aud).',
  'token-shared-audience': 'The audience of the access token is {{audience}}, which {{owner}}.',
  'token-shared-audience-too': 'The access token also has the audience {{audience}}, which {{owner}}.',
  'token-no-expiry': 'The access token has no expiry time (exp).',
  'token-expired-by-provider': "The access token expired {{duration}} ago by the provider's clock (exp).",
  'token-expired-here':
    'The access token expired {{duration}} ago by the clock of the machine that runs the plugin (exp).',
  'token-bad-groups': 'The claim "groups" in the access token is neither a string nor a list of strings.',

  // The key that signed the token.
  'token-names-no-key': 'The token has no key ID (kid): Micromegas tries all keys of the provider.',
  'token-key-published': "The token's key {{key}} is among the keys that the provider publishes at {{url}}.",
  'token-key-unpublished':
    "The token's key {{key}} is not among the keys that the provider publishes at {{url}}, so no server can verify the token.",
  'token-key-not-rsa': "The token's key {{key}} is not an RSA key, and Micromegas reads RSA keys only.",
  'provider-keys-unreadable': "The provider's keys could not be read: {{reason}}",

  // The owner of a shared audience: the end of a sentence, after "which".
  'owner-keycloak': 'belongs to Keycloak itself, and is also in tokens of other clients of the realm',
  'owner-keycloak-roles':
    'is a client of Keycloak whose roles the token contains, and is also in tokens of other clients with such roles',
  'owner-microsoft': 'belongs to an API of Microsoft, and is also in tokens of other applications',
  'owner-auth0-management': "belongs to Auth0's Management API, and is also in tokens of other applications",
  'owner-auth0-userinfo':
    'belongs to the UserInfo endpoint of the identity provider, and is in the tokens of every client',
  'owner-google': 'belongs to an API of Google, and is also in tokens of other clients',
  'owner-identity-server': 'means all APIs of the identity provider, and is in the tokens of every client',
  'owner-aws': 'belongs to AWS, and is also in tokens of other clients',
  'owner-kubernetes': 'belongs to the Kubernetes API, and is in the tokens of every service account',
  'owner-issuer': 'is the identity provider itself, and is also in tokens of other clients',

  // Settings to change.
  'encrypted-auth0': 'In Auth0, switch off token encryption (JWE) in the settings of the API.',
  'encrypted-other': 'Switch off token encryption (JWE) for this API at the identity provider.',
  'opaque-auth0':
    'Enter the Identifier of the API in Auth0 as {{oauthAudience}}: without this audience, Auth0 issues opaque tokens.',
  'opaque-okta': 'Use a custom authorization server of Okta as {{oauthIssuer}} (https://<domain>/oauth2/default).',
  'opaque-google': 'Paste the JSON key of a service account as {{oauthClientSecret}}: Google then issues an ID token.',
  'opaque-hydra':
    'In Hydra, set strategies.access_token to jwt in the configuration of the server, or access_token_strategy to jwt for this client.',
  'opaque-other': 'Make the identity provider issue access tokens as JWTs for this client.',
  'audience-empty': '{{oauthAudience}} is empty: enter the audience that is configured on the Micromegas server.',
  'audience-empty-hydra':
    '{{oauthAudience}} is empty: enter the audience that is configured on the Micromegas server, and allow this audience for the client in Hydra (audience of the client).',
  'algorithm-auth0': 'In Auth0, select RS256 as the JSON Web Token signing algorithm of the API.',
  'algorithm-keycloak': 'In Keycloak, select RS256 as the access token signature algorithm of the client.',
  'algorithm-other': 'Select RS256 as the signing algorithm of this API at the identity provider.',
  'issuer-other': 'Make the identity provider write iss into its access tokens.',
  'subject-keycloak':
    'In Keycloak, switch off "Use refresh tokens for client credentials grant" of the client (Advanced), or add the client scope "basic" to the client. This scope has the mapper for sub.',
  'subject-other': 'Make the identity provider write sub into its access tokens.',
  'audience-keycloak':
    'In Keycloak, add an audience mapper to the client (Client scopes > …-dedicated > Configure a new mapper > Audience), with an audience that only Micromegas uses; if it has one, switch on "Add to access token" in this mapper.',
  'audience-keycloak-switches':
    'For lightweight access tokens, also switch on "Add to lightweight access token" in the mapper.',
  'audience-keycloak-lightweight':
    'The token is a lightweight access token: in Keycloak, switch on "Add to lightweight access token" in the audience mapper of the client (Client scopes > …-dedicated).',
  'audience-cognito':
    'Access tokens of AWS Cognito have no audience, so they cannot be used. Use an API key, use another provider, or add an audience with a pre token generation trigger of the user pool.',
  'audience-hydra':
    'Hydra writes the value of {{oauthAudience}} into aud if the client is allowed to request this audience.',
  'audience-other': 'Make the identity provider write aud into its access tokens; in Keycloak, add an audience mapper.',
  'do-not-configure':
    'Do not configure {{audiences}} on the server: the server would then accept tokens of all clients that have this audience.',
  'own-audience-entra':
    'Register an API for Micromegas in Entra ID (Expose an API), and enter its URI with /.default at the end (api://…/.default) as {{oauthScope}}.',
  'own-audience-auth0':
    'Create an API for Micromegas in Auth0, and enter the Identifier of this API as {{oauthAudience}}.',
  'own-audience-okta':
    'Create a custom authorization server in Okta, with an audience that only Micromegas uses, and enter the Issuer URI of this authorization server as {{oauthIssuer}}.',
  'own-audience-google': 'Enter a name for your Micromegas server as {{oauthAudience}}.',
  'own-audience-hydra':
    'Enter a name for your Micromegas server as {{oauthAudience}}, and allow this audience for the client in Hydra.',
  'own-audience-other':
    'Register Micromegas as a separate API at the identity provider, and enter the name of this API as {{oauthAudience}}.',
  'expiry-missing-other': 'Make the identity provider write exp into its access tokens.',
  'check-clocks':
    "Check the clocks of the identity provider and of the machine that runs Grafana (or the plugin's sidecar).",
  'groups-other': 'Remove the claim "groups" from the access token, or make this claim a string or a list of strings.',
} as const;
