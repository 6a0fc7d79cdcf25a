/**
 * The OAuth 2.0 client credentials grant (RFC 6749, section 4.4), with any method of client authentication.
 *
 * Discovery documents are often wrong about the methods that a certain client may use. When the provider rejects the
 * client with the first method, the next method is tried. The method that worked is remembered.
 */
import { message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Attempt, createClientAuthentication } from './client-authentication';
import { type ClientCredentials } from './client-credentials';
import { type Provider } from './discovery';
import { addExtraParameters, secretsAmong } from './extra-parameters';
import { ProviderError } from './provider-error';
import { rulesFor } from './provider-rules';
import { type ReadFile } from './secret-file';
import { type GrantedToken, type TokenGrant } from './token-grant';
import { requestToken, type TokenRequestDeps } from './token-request';

/** The dependencies of a grant: those of its token requests, and a function that reads files. */
export interface GrantDeps extends TokenRequestDeps {
  readFile: ReadFile;
}

/**
 * True if another method of client authentication may succeed. Auth0 responds with `access_denied` and status 401 to a
 * method that is not configured for the client.
 */
function isClientUnknown(reason: unknown): reason is ProviderError {
  if (!(reason instanceof ProviderError) || reason.code === 'provider_clock') {
    return false;
  }
  const { providerCode, httpStatus } = reason;
  return providerCode === 'invalid_client' || (providerCode === 'access_denied' && httpStatus === 401);
}

/** Adds a detail if the discovery document does not list the grant and this may be the cause of the failure. */
function withGrantHint(reason: unknown, provider: Provider): unknown {
  const mayBeCause =
    reason instanceof ProviderError &&
    !provider.listsClientCredentials &&
    ['provider_refused', 'provider_not_granted', 'provider_rejected_request'].includes(reason.code);
  return mayBeCause ? reason.with({ more: [message('grant-not-listed'), ...(reason.messages.more ?? [])] }) : reason;
}

function withTriedMethods(reason: ProviderError, attempts: readonly Attempt[]): ProviderError {
  const methods = attempts.map(({ description }) => description);
  return attempts.length < 2
    ? reason
    : reason.with({ more: [...(reason.messages.more ?? []), message('methods-tried', { methods })] });
}

/** A grant that requests tokens for `credentials`, and remembers the method of client authentication that worked. */
export function createClientCredentialsGrant(credentials: ClientCredentials, deps: GrantDeps): TokenGrant {
  const rules = rulesFor(credentials);
  const attemptsFor = createClientAuthentication(credentials, rules, deps);
  const extraSecrets = secretsAmong(credentials.parameters);
  let provenId: string | undefined;

  function parametersFor({ tokenEndpoint }: Provider): URLSearchParams {
    const form = new URLSearchParams(
      rules.parameters(credentials, tokenEndpoint).map(([name, value]) => [name, value])
    );
    addExtraParameters(form, credentials.parameters);
    return form;
  }

  async function tryOne(provider: Provider, attempt: Attempt, signal: AbortSignal): Promise<GrantedToken> {
    const request = {
      grantType: 'client_credentials',
      clientId: credentials.clientId,
      parameters: parametersFor(provider),
      authenticate: await attempt.prepare(),
      tokenField: 'access_token' as const,
      authenticationDescription: attempt.description,
      secrets: [...attempt.secrets, ...extraSecrets],
      authentication: attempt.authentication,
    };
    return requestToken(provider, request, deps, signal);
  }

  /** Tries the methods in order. Stops after a success, and after a failure for which `isClientUnknown` is false. */
  async function tryAll(provider: Provider, attempts: readonly Attempt[], signal: AbortSignal): Promise<GrantedToken> {
    const failures: ProviderError[] = [];
    for (const attempt of attempts) {
      try {
        const token = await tryOne(provider, attempt, signal);
        provenId = attempt.id;
        return token;
      } catch (reason) {
        if (!isClientUnknown(reason)) {
          throw reason;
        }
        failures.push(reason);
      }
    }
    provenId = undefined;
    // A failure about the method says nothing about the credentials, so the other failures name the cause better.
    const telling = failures.find(({ isAboutMethod }) => !isAboutMethod) ?? failures[0];
    throw telling === undefined ? new ProxyError('internal') : withTriedMethods(telling, attempts);
  }

  return async (provider, signal) => {
    const attempts = await attemptsFor(provider, signal);
    const proven = attempts.filter(({ id }) => id === provenId);
    return tryAll(provider, proven.length > 0 ? proven : attempts, signal).catch((reason: unknown) => {
      throw withGrantHint(reason, provider);
    });
  };
}
