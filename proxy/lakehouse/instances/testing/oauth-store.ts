/** Instances of data sources that sign in at a fake identity provider, without a network. */
import { createLogger } from '../../../observe/logging/logger';
import { type ProviderFetch } from '../../network/routes';
import { createOperatorPolicy } from '../../operator/operator-policy';
import { createInstanceStore, type InstanceStore, type InstanceStoreDeps } from '../instance-store';

export const ISSUER = 'https://idp.example';

/** An identity provider that responds immediately. @param nextToken Returns the access token of the next request. */
export function providerOf(nextToken: () => string): ProviderFetch {
  return (url) =>
    Promise.resolve(
      Response.json(
        url.endsWith('/openid-configuration')
          ? { issuer: ISSUER, token_endpoint: `${ISSUER}/token` }
          : { access_token: nextToken(), token_type: 'Bearer', expires_in: 3600 }
      )
    );
}

/** A store that writes no log and no metrics. The operator has set no restrictions. */
export function oauthStore(
  createProviderFetch: InstanceStoreDeps['createProviderFetch'],
  elapsedMs: () => number = () => performance.now()
): InstanceStore {
  const logger = createLogger({ write: () => undefined });
  return createInstanceStore({
    logger,
    metrics: { tokenRequested: () => undefined, tokenRejected: () => undefined, callRepeated: () => undefined },
    now: Date.now,
    elapsedMs,
    policy: createOperatorPolicy({}, logger),
    environment: {},
    createProviderFetch,
  });
}
