import { type AuthenticationInUse } from './client-credentials';
import { failureOf, rowsOf, says } from './testing/rejections';

/*
 * Clients whose settings at the provider do not fit the data source. A name such as "secret to Signed JWT" means: the
 * data source sends a secret, but the client requires the method "Signed JWT". The second column is the method that the
 * data source uses. Most responses are those of Keycloak 26.5.6 and of fosite in Hydra 2.3.0.
 */
const NO_HYDRA_CLIENT =
  'invalid_client: Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).';

const METHODS = `
  Keycloak, secret to Signed JWT | secret | 400 | invalid_client: Parameter client_assertion_type is missing | provider_client_method | Select Private key
  Keycloak, secret of a file to Signed JWT | secret-file | 400 | invalid_client: Parameter client_assertion_type is missing | provider_client_method | sends a client secret from a file
  Keycloak, key to a secret | private-key | 401 | unauthorized_client: Invalid client or Invalid client credentials | provider_client_method | Select Client secret as
  Keycloak, key to a secret, before 26 | private-key | 400 | unauthorized_client: Client secret not provided in request | provider_client_method | Select Client secret as
  Keycloak, assertion of a file to a secret | assertion-file | 401 | unauthorized_client: Invalid client or Invalid client credentials | provider_client_method | sends an assertion from a file
  Keycloak, key to a signing secret | private-key | 400 | unauthorized_client: Client authentication with client secret signed JWT failed: Signature on JWT token by client secret failed validation | provider_client_method | Select Client secret (signed JWT)
  Keycloak, signing secret to a key | secret-jwt | 400 | invalid_client: Unable to load public key | provider_client_method | Select Private key
  Keycloak, wrong signing secret | secret-jwt | 400 | unauthorized_client: Client authentication with client secret signed JWT failed: Signature on JWT token by client secret  failed validation | provider_refused | Check Client ID and Client Secret
  Keycloak, unknown key | private-key | 400 | invalid_client: Unable to load public key | provider_refused | tab Keys
  Keycloak, wrong key | private-key | 400 | invalid_client: Client authentication with signed JWT failed: Signature on JWT token failed validation | provider_refused | Private Key
  Keycloak, unknown client with a key | private-key | 401 | invalid_client: Invalid client or Invalid client credentials | provider_refused | Check Client ID and OIDC Issuer
  Keycloak, PS256 required | private-key | 400 | invalid_client: Invalid signature algorithm | provider_algorithm | signs with RS256
  Keycloak, HS512 required | secret-jwt | 400 | invalid_client: Invalid signature algorithm | provider_algorithm | signs with HS256
  Keycloak, wrong algorithm of an assertion | assertion-file | 400 | invalid_client: Invalid signature algorithm | provider_algorithm | Assertion file
  Keycloak, DPoP | secret | 400 | invalid_request: DPoP proof is missing | provider_dpop_required | DPoP
  Keycloak, public client | secret | 401 | unauthorized_client: Public client not allowed to retrieve service account | provider_not_granted | Client authentication
  Hydra, secret to a key | secret | 401 | ${NO_HYDRA_CLIENT} The OAuth 2.0 Client supports client authentication method 'private_key_jwt', but method 'client_secret_post' was requested. You must configure the OAuth 2.0 client's 'token_endpoint_auth_method' value to accept 'client_secret_post'. | provider_client_method | Select Private key
  Hydra, secret in the wrong place | secret | 401 | ${NO_HYDRA_CLIENT} The OAuth 2.0 Client supports client authentication method 'client_secret_basic', but method 'client_secret_post' was requested. | provider_client_method | Secret style
  Hydra, key to a secret | private-key | 401 | ${NO_HYDRA_CLIENT} This requested OAuth 2.0 client only supports client authentication method 'client_secret_basic', however 'client_assertion' was provided in the request. | provider_client_method | Select Client secret as
  Hydra, unsupported method | secret-jwt | 401 | ${NO_HYDRA_CLIENT} This requested OAuth 2.0 client only supports client authentication method 'client_secret_jwt', however that method is not supported by this server. | provider_client_method | private_key_jwt
  Hydra, PS256 required | private-key | 401 | ${NO_HYDRA_CLIENT} The 'client_assertion' uses signing algorithm 'RS256' but the requested OAuth 2.0 Client enforces signing algorithm 'PS256'. | provider_algorithm | signs with RS256
  Entra ID, no federated record | assertion-file | 401 | invalid_client: AADSTS70021 | provider_refused | federated credential
  DPoP by RFC 9449 | secret | 400 | invalid_dpop_proof: The DPoP proof JWT header is missing. | provider_dpop_required | DPoP
  DPoP with a required nonce | private-key | 400 | use_dpop_nonce: Authorization server requires nonce in DPoP proof. | provider_dpop_required | DPoP
`;

const USED: Record<string, AuthenticationInUse> = {
  secret: { kind: 'secret' },
  'secret-file': { kind: 'secret-file' },
  'secret-jwt': { kind: 'secret-jwt', algorithm: 'HS256' },
  'private-key': { kind: 'private-key', algorithm: 'RS256' },
  'assertion-file': { kind: 'assertion-file' },
};

describe('a client whose settings at the provider do not fit the data source', () => {
  const rows = METHODS.trim()
    .split('\n')
    .map((line) => {
      const [name = '', authentication = '', ...rest] = line.trim().split(' | ');
      return { ...rowsOf([name, ...rest].join(' | '))[0], authentication };
    });

  it.each(rows)('$name', ({ status = 0, body, code, advice, authentication }) => {
    const failure = failureOf(status, body, USED[authentication]);
    expect(failure.code).toBe(code);
    expect(failure.advice).toContain(advice);
  });
});

describe('advice names only fields that are in use', () => {
  const rejections: Array<[status: number, error: string, description?: string]> = [
    [401, 'invalid_client', 'Client authentication failed.'],
    [401, 'invalid_client'],
    [400, 'unauthorized_client'],
    [401, 'access_denied', 'Unauthorized'],
    [401, 'invalid_client', 'Invalid client or Invalid client credentials'],
    [401, 'invalid_client', 'The client secret supplied for a confidential client is invalid.'],
    [401, 'invalid_client', 'AADSTS700024: The assertion is not within its valid time range.'],
    [401, 'invalid_client', 'AADSTS70021: No matching federated identity record found.'],
    [400, 'invalid_client', 'JWT expired'],
    [401, 'weird_error'],
  ];
  const never: Record<string, RegExp> = {
    secret: /\bfile\b|private key|Key ID/i,
    'secret-file': /private key|Key ID|assertion/i,
    'secret-jwt': /\bfile\b|private key|Key ID/i,
    'private-key': /client secret|\bfile\b/i,
    'assertion-file': /client secret|private key|Key ID/i,
  };
  const cases = Object.keys(never).flatMap((authentication) =>
    rejections.map((rejection) => ({ authentication, rejection }))
  );

  it.each(cases)(
    'with $authentication, after the error $rejection',
    ({ authentication, rejection: [status, error, description] }) => {
      const failure = failureOf(status, says(error, description), USED[authentication]);
      expect(failure.advice).not.toMatch(never[authentication] ?? /^$/);
      expect(failure.advice).toMatch(/^[A-Z].*\.$/);
    }
  );
});
