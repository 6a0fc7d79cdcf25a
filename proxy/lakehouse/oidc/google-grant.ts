/**
 * The grant for Google service accounts. Google has no client credentials grant for them. So the backend signs a JWT
 * with the key of the account, and gets an ID token for the audience in the JWT (RFC 7523, section 2.1, with Google's
 * `target_audience`).
 */
import { SignJWT } from 'jose';
import { fieldLabels } from '../../../contract/settings/field-labels';
import { atField, message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ClientCredentials, type ServiceAccountKey } from './client-credentials';
import { type GrantDeps } from './client-credentials-grant';
import { addExtraParameters, secretsAmong } from './extra-parameters';
import { type EndpointHosts } from './endpoint-hosts';
import { readSigningKey, type SigningKey } from './signing-key';
import { type TokenGrant } from './token-grant';
import { requestToken } from './token-request';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Lifetime of the assertion. Google accepts up to an hour. The ID token is always valid for an hour. */
const LIFETIME_SECONDS = 300;

interface AssertionContent {
  endpoint: string;
  targetAudience: string;
  /** Milliseconds since 1970. */
  nowMs: number;
}

function signAssertion(
  { email, keyId }: ServiceAccountKey,
  { key }: SigningKey,
  { endpoint, targetAudience, nowMs }: AssertionContent
): Promise<string> {
  const nowSeconds = Math.floor(nowMs / 1000);
  return new SignJWT({ target_audience: targetAudience })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(email)
    .setSubject(email)
    .setAudience(endpoint)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + LIFETIME_SECONDS)
    .sign(key);
}

/** Creates a grant that returns the ID token of the service account. */
export function createGoogleGrant(
  credentials: ClientCredentials,
  key: ServiceAccountKey,
  deps: Pick<GrantDeps, 'fetch' | 'now'> & { endpoints: EndpointHosts }
): TokenGrant {
  let signingKey: SigningKey | undefined;
  return async (provider, signal) => {
    const { audience } = credentials;
    if (!audience) {
      throw new ProxyError('settings_invalid', {
        detail: [atField('oauthAudience', message('google-audience-missing'))],
        labels: fieldLabels('google'),
      });
    }
    const { tokenUri } = key;
    const endpoint = tokenUri === undefined ? provider.tokenEndpoint : deps.endpoints.checked('token_uri', tokenUri);
    signingKey ??= readSigningKey(key.privateKey, 'RS256');
    const assertion = await signAssertion(key, signingKey, { endpoint, targetAudience: audience, nowMs: deps.now() });
    const parameters = new URLSearchParams();
    addExtraParameters(parameters, credentials.parameters);
    parameters.set('assertion', assertion);
    return requestToken(
      provider,
      {
        endpoint,
        grantType: JWT_BEARER,
        clientId: key.email,
        parameters,
        // The assertion identifies the account, so there is no client authentication.
        authenticate: () => undefined,
        tokenField: 'id_token',
        authenticationDescription: message('used-google-key'),
        secrets: secretsAmong(credentials.parameters),
        authentication: { kind: 'google-key', algorithm: 'RS256' },
      },
      deps,
      signal
    );
  };
}
