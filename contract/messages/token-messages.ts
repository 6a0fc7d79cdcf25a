/** The rules of Micromegas for access tokens: what a token has, which rule it breaks, and what to change where. */
export const TOKEN_MESSAGES = {
  // What a token has.
  'token-readable': 'The token is a JWT that anyone can read.',
  'token-algorithm': 'Signed with RS256.',
  'token-issuer': 'The issuer is {{issuer}}.',
  'token-subject': 'The subject is {{subject}}.',
  'token-audience': 'The audience is {{audience}}.',
  'token-audiences':
    'The audiences are {{audiences}}. Configure on the server the one that stands for Micromegas alone.',
  'token-shared-audiences':
    'The token also has {{audiences}}, which tokens of other clients have too: do not configure it.',
  'token-has-expiry': 'The token has an expiry time (exp).',
  'token-expires-in': 'The token expires in {{duration}}.',
  'token-groups': 'The claim groups is missing or a list of strings.',

  // A token in one line.
  'part-unreadable': 'a token that cannot be read',
  'part-issuer': 'issuer {{issuer}}',
  'part-subject': 'subject {{subject}}',
  'part-audience': 'audience {{audiences}}',
  'part-algorithm': 'signed with {{algorithm}}',
  'part-time-left': '{{duration}} left',

  // The issuer of the token is not the one in the settings. No rule of Micromegas forbids that.
  'issuer-differs': 'The issuer in the token is {{found}}, and the settings have {{configured}}.',
  'issuer-differs-by-slash': 'The slash at the end is the only difference.',
  'entra-asks-for-v1': 'The API in Entra ID requests v1 tokens.',
  'entra-asks-for-v2': 'The API in Entra ID requests v2 tokens.',
  'configure-issuer': 'Enter exactly {{found}} as the issuer in the configuration of the Micromegas server.',
  'configure-issuer-or-version':
    'Enter exactly {{found}} as the issuer in the configuration of the Micromegas server, or set accessTokenAcceptedVersion to {{version}} in the manifest of the API.',

  // Broken rules.
  'token-encrypted': 'The access token is encrypted, and Micromegas cannot read it.',
  'token-opaque': 'The access token is opaque, not a JWT, and Micromegas cannot verify it.',
  'token-other-algorithm':
    'The access token is signed with {{algorithm}}, and RS256 is the only one that Micromegas accepts.',
  'token-unknown-algorithm':
    'The access token does not name the algorithm of its signature, and RS256 is the only one that Micromegas accepts.',
  'token-no-issuer': 'The access token has no issuer (iss).',
  'token-no-subject': 'The access token has no subject (sub).',
  'token-no-audience': 'The access token has no audience (aud).',
  'token-shared-audience': 'The audience of the access token is {{audience}}, which {{owner}}.',
  'token-shared-audience-too': 'It also has {{audience}}, which {{owner}}.',
  'token-no-expiry': 'The access token has no expiry time (exp).',
  'token-expired-by-provider': "The access token expired {{duration}} ago by the provider's clock (exp).",
  'token-expired-here': "The access token expired {{duration}} ago by this machine's clock (exp).",
  'token-bad-groups': 'The claim groups in the access token is not a list of strings.',

  // The key that signed it.
  'token-names-no-key': 'The token does not name its key (kid): Micromegas tries all keys of the provider.',
  'token-key-published': "The token's key {{key}} is among the keys that the provider publishes at {{url}}.",
  'token-key-unpublished':
    "The token's key {{key}} is not among the keys that the provider publishes at {{url}}, so no server can verify the token.",
  'token-key-not-rsa': "The token's key {{key}} is not an RSA key, and Micromegas reads no others.",
  'provider-keys-unreadable': "The provider's keys could not be read: {{reason}}",

  // Whose audience it is: continues "an audience, which".
  'owner-keycloak': 'belongs to Keycloak itself, and tokens of other clients of the realm have it too',
  'owner-microsoft': 'belongs to an API of Microsoft, and tokens of other applications have it too',
  'owner-auth0-management': "belongs to Auth0's Management API, and tokens of other applications have it too",
  'owner-auth0-userinfo':
    'belongs to the user information of the identity provider, and tokens of every client have it',
  'owner-google': 'belongs to an API of Google, and tokens of other clients have it too',
  'owner-identity-server': 'stands for all APIs of the identity provider, and tokens of every client have it',
  'owner-aws': 'belongs to AWS, and tokens of other clients have it too',
  'owner-kubernetes': 'belongs to the Kubernetes API, and tokens of every service account have it',
  'owner-issuer': 'is the identity provider itself, and tokens of other clients have it too',

  // What to change where.
  'encrypted-auth0': 'In Auth0, switch off token encryption (JWE) in the settings of the API.',
  'encrypted-other': 'Switch off token encryption (JWE) for this API at the identity provider.',
  'opaque-auth0':
    'Enter the Identifier of the API in Auth0 as {{oauthAudience}}: without it, Auth0 issues opaque tokens.',
  'opaque-okta': 'Use a custom authorization server of Okta as {{oauthIssuer}} (https://<domain>/oauth2/default).',
  'opaque-google': 'Paste the JSON key of a service account as {{oauthClientSecret}}: Google then issues an ID token.',
  'opaque-hydra':
    'In Hydra, set strategies.access_token to jwt in the configuration of the server, or access_token_strategy to jwt for this client.',
  'opaque-other': 'Make the identity provider issue access tokens as JWTs for this client.',
  'audience-empty': '{{oauthAudience}} is empty: enter the name that the Micromegas server expects.',
  'audience-empty-hydra':
    '{{oauthAudience}} is empty: enter the name that the Micromegas server expects, and allow it for the client in Hydra (audience of the client).',
  'algorithm-auth0': 'In Auth0, select RS256 as the JSON Web Token signing algorithm of the API.',
  'algorithm-keycloak': 'In Keycloak, select RS256 as the access token signature algorithm of the client.',
  'algorithm-other': 'Select RS256 as the signing algorithm of this API at the identity provider.',
  'issuer-other': 'Make the identity provider write iss into its access tokens.',
  'subject-keycloak':
    'In Keycloak, switch off "Use refresh tokens for client credentials grant" of the client (Advanced), or give it the client scope "basic", which has the mapper for sub.',
  'subject-other': 'Make the identity provider write sub into its access tokens.',
  'audience-keycloak':
    'In Keycloak, add an audience mapper to the client (Client scopes > …-dedicated > Configure a new mapper > Audience), with an audience that stands for Micromegas alone.',
  'audience-cognito':
    'Access tokens of AWS Cognito have no audience and cannot be used, unless a pre token generation trigger of the user pool adds one. Use an API key or another provider.',
  'audience-hydra': 'Hydra writes the value of {{oauthAudience}} into aud, if the client is allowed to request it.',
  'audience-other':
    'Make the identity provider write aud into its access tokens; in Keycloak, add an audience mapper. Access tokens of AWS Cognito have none and cannot be used.',
  'do-not-configure': 'Do not configure {{audiences}} on the server: it would accept the tokens of all these clients.',
  'own-audience-entra':
    'Register an API for Micromegas in Entra ID (Expose an API), and enter its URI as {{oauthScope}}. The scope is then api://…/.default.',
  'own-audience-auth0': 'Create an API for Micromegas in Auth0, and enter its Identifier as {{oauthAudience}}.',
  'own-audience-okta':
    'Create a custom authorization server in Okta, with an audience of its own, and enter it as {{oauthIssuer}}.',
  'own-audience-google': 'Enter a name for your Micromegas server as {{oauthAudience}}.',
  'own-audience-hydra':
    'Enter a name for your Micromegas server as {{oauthAudience}}, and allow it for the client in Hydra.',
  'own-audience-other':
    'Register Micromegas as an API of its own at the identity provider, and enter its name as {{oauthAudience}}.',
  'expiry-missing-other': 'Make the identity provider write exp into its access tokens.',
  'check-clocks': 'Check the clocks of the identity provider and of the machine of the proxy.',
  'groups-other': 'Remove the claim groups from the access token, or make it a list of strings.',
} as const;
