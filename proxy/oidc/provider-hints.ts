/**
 * What to do about errors that identity providers report in ways of their own. The provider's words stay beside the
 * advice; programs must not be driven by them, so nothing but the advice depends on this table.
 */

interface ProviderHint {
  /** Looked for in "<error>: <description>". */
  pattern: RegExp;
  advice: string;
}

const HINTS: readonly ProviderHint[] = [
  // Microsoft Entra ID
  {
    pattern: /AADSTS7000215\b/,
    advice:
      'Enter the Value of the client secret from Entra ID, not its Secret ID. If the value is lost, make a new one.',
  },
  {
    pattern: /AADSTS7000222\b/,
    advice: 'The client secret has expired. Make a new one in Entra ID and enter its value.',
  },
  { pattern: /AADSTS7000112\b/, advice: 'The application is disabled in Entra ID. Enable it, or use another one.' },
  {
    pattern: /AADSTS700016\b/,
    advice: 'Check Client ID and the tenant id in the OIDC Issuer: the application is not there.',
  },
  {
    pattern: /AADSTS(?:90002|900023)\b/,
    advice: 'Check the tenant id in the OIDC Issuer: the directory is not known.',
  },
  {
    pattern: /AADSTS(?:1002012|70011|700022|900144|90014|901002)\b/,
    advice: 'Entra ID takes no Audience. Enter as Scope the Application ID URI of one API, followed by /.default.',
  },
  { pattern: /AADSTS500011\b/, advice: 'Check Scope: the tenant has no API with this Application ID URI.' },
  { pattern: /AADSTS501051\b/, advice: 'Assign the application a role of the API in Entra ID.' },
  // Auth0
  {
    pattern: /service not enabled within domain/i,
    advice: 'Check Audience: it must be the Identifier of an API of this Auth0 tenant, to the character.',
  },
  {
    pattern: /client[- ]grant|not authorized to access resource server/i,
    advice: 'In Auth0, open the API, and authorise the application under Machine to Machine Applications.',
  },
  { pattern: /has not been granted scopes/i, advice: 'Check Scope against what the provider granted to the client.' },
  // Okta
  {
    pattern: /org authorization server|custom scopes are not allowed/i,
    advice:
      "Use a custom authorization server of Okta as OIDC Issuer (https://<domain>/oauth2/default): Micromegas cannot check the org server's tokens.",
  },
  {
    pattern: /configured default scopes|scopes are not configured/i,
    advice: 'Enter a Scope that the authorization server of Okta defines: it needs a custom one.',
  },
  {
    pattern: /policy evaluation failed|no_matching_policy/i,
    advice: 'Give the authorization server of Okta an access policy with a rule that allows Client Credentials.',
  },
  { pattern: /'client_id' parameter/i, advice: 'Check Client ID: the provider does not know it.' },
  { pattern: /E0000007\b/, advice: 'Check the id of the authorization server in the OIDC Issuer.' },
  // Keycloak
  {
    pattern: /not enabled to retrieve service account/i,
    advice: 'Switch on "Service accounts roles" for the client in Keycloak.',
  },
  { pattern: /realm does not exist/i, advice: 'Check the realm in the OIDC Issuer.' },
  // Google
  {
    pattern: /oauth client was not found/i,
    advice:
      'Check Client ID. Google gives service accounts no client credentials grant; use another provider or an API key.',
  },
  // Any
  {
    pattern: /^(?:unauthorized_client|unsupported_grant_type)\b/,
    advice:
      'Allow the client credentials grant for this client at the identity provider, and check Client ID and Client Secret.',
  },
  { pattern: /^invalid_scope\b/, advice: 'Check Scope against the scopes that the provider offers to this client.' },
  { pattern: /^invalid_target\b/, advice: 'Check Audience: the provider does not issue tokens for it.' },
];

/** Advice for a provider's error, or undefined where the catalogue's is as good. */
export function hintFor(error: string | undefined, description: string | undefined): string | undefined {
  const text = [error, description].filter((part) => part !== undefined).join(': ');
  return HINTS.find(({ pattern }) => pattern.test(text))?.advice;
}
