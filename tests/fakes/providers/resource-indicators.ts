/**
 * A fake identity provider that follows RFC 8707: a token is a JWT only if the parameter `resource` names the API. The
 * parameter `audience` is ignored. The error messages are those of oidc-provider 9.13.3.
 */
import { generic } from './generic';
import { type GrantOutcome, hasRightSecret, oauthError, type ProviderRules, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

/** The identifier of the API. */
export const RESOURCE = 'https://micromegas.example.com';

function grant(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome> {
  if (request.client.id !== provider.client.id || !hasRightSecret(request, provider)) {
    return Promise.resolve(oauthError(401, 'invalid_client', 'client authentication failed'));
  }
  if (!provider.client.isGranted) {
    return Promise.resolve(
      oauthError(400, 'unauthorized_client', 'requested grant type is not allowed for this client')
    );
  }
  const resource = request.form.get('resource');
  if (resource !== null && resource !== RESOURCE) {
    return Promise.resolve(oauthError(400, 'invalid_target', 'resource indicator is missing, or unknown'));
  }
  const claims = { iss: provider.issuer, sub: provider.client.id, aud: RESOURCE };
  return Promise.resolve({ grant: { claims, lifeSeconds: 600, isOpaque: resource === null } });
}

export const resourceIndicators: ProviderRules = {
  ...generic,
  name: 'resource-indicators',
  grant,
  form: ({ issuer, client }) => ({
    jsonData: {
      oauthIssuer: issuer,
      oauthClientId: client.id,
      oauthParameterName1: 'resource',
      oauthParameterValue1: RESOURCE,
    },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: RESOURCE,
  }),
};
