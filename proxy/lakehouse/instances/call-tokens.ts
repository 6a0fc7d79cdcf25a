/**
 * Sends each call with its token. If the server rejects the token of a user or of the service account, the call is
 * repeated once with another token, if there is one. Later calls of a user begin with the kind of token that the server
 * accepted.
 *
 * A call is not repeated after its first message.
 */
import { StringSet } from '../../../contract/string-map';
import { digestOf } from '../../base/digest';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Secret } from '../../observe/logging/secret';
import { type QueryStages } from '../../observe/telemetry/query-stages';
import { type TokenEvents } from '../../observe/telemetry/token-events';
import { callFailureOf } from '../flight-sql/flight-errors';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import { type AccessToken, type TokenDescription, type TokenSource } from '../oidc/token-source';
import { type AcceptedTokens } from './accepted-tokens';
import { type CallIdentity, type ForwardedIdentity, identityRejected, type UserTokens } from './call-identity';

/** The messages of a call whose first message has arrived. */
export interface StartedMessages {
  first: IteratorResult<FlightMessage>;
  messages: AsyncIterator<FlightMessage>;
}

/** A call that can be repeated with another token. */
interface RepeatableCall {
  /** Starts the call, and waits for its first message. Invoked again if the server rejects the first token. */
  open: (token: Secret | undefined) => Promise<StartedMessages>;
  /** See `InstanceCall`. */
  tried?: AccessToken | undefined;
  signal: AbortSignal;
  /** Measures the wait for the token. */
  stages?: Pick<QueryStages, 'begin'> | undefined;
}

interface CallTokensDeps {
  tokenEvents: Pick<TokenEvents, 'tokenRejected' | 'callRepeated'>;
  accepted: Pick<AcceptedTokens, 'add'>;
  /** Milliseconds since 1970. */
  now: () => number;
}

function isTokenRejected(reason: unknown): reason is ProxyError {
  return reason instanceof ProxyError && reason.code === 'token_refused';
}

/** True if another token may be accepted. A gateway that verifies tokens itself responds with HTTP status 401. */
function mayRetry(reason: unknown): boolean {
  const failure = reason instanceof ProxyError ? callFailureOf(reason) : undefined;
  return isTokenRejected(reason) || (failure?.kind === 'http' && failure.status === 401);
}

/** The tokens of an instance. */
export class CallTokens {
  /** See `Instance.currentToken`. */
  current: AccessToken | undefined;
  readonly #events: CallTokensDeps['tokenEvents'];
  readonly #now: () => number;
  readonly #accepted: CallTokensDeps['accepted'];
  readonly #acceptedIdTokens = new AcceptedIdTokens();

  constructor({ tokenEvents, accepted, now }: CallTokensDeps) {
    this.#events = tokenEvents;
    this.#accepted = accepted;
    this.#now = now;
  }

  /** True if the server rejected an access token of this kind and accepted the ID token, see `AcceptedIdTokens`. */
  prefersIdToken(tokens: UserTokens): boolean {
    return this.#acceptedIdTokens.has(tokens);
  }

  /** @throws {ProxyError} Errors of the token source, and of the call. */
  open(identity: CallIdentity, call: RepeatableCall): Promise<StartedMessages> {
    switch (identity.kind) {
      case 'none':
        return call.open(undefined);
      case 'token':
        return call.open(identity.token);
      case 'forwarded':
        return this.#asUser(identity, call);
      case 'service-account':
        return call.tried === undefined
          ? this.#asServiceAccount(identity.source, call)
          : this.#tryToken(identity.source, call, call.tried);
    }
  }

  /**
   * Counts the rejection that ended the call, if the call used a user's token or an API key. `open` counts all other
   * rejections.
   *
   * @returns The error of the call. For a rejected token of a user: the error of `identityRejected`.
   */
  failure(reason: unknown, identity: CallIdentity): unknown {
    if (identity.kind === 'forwarded' && isTokenRejected(reason)) {
      this.#events.tokenRejected('user');
      return identityRejected(reason, identity, this.#now());
    }
    if (reason instanceof ProxyError && reason.code === 'api_key_refused') {
      this.#events.tokenRejected('api_key');
    }
    return reason;
  }

  /** If the server rejects the token, repeats the call once with the user's other token, if there is one. */
  async #asUser(identity: ForwardedIdentity, call: RepeatableCall): Promise<StartedMessages> {
    const { token, description, other, isReplacement = false } = identity;
    try {
      return await this.#opened(call, token, description);
    } catch (reason) {
      if (!mayRetry(reason) || other === undefined) {
        throw reason;
      }
      this.#events.tokenRejected('user');
      this.#events.callRepeated();
      const first = { token, description };
      if (isReplacement) {
        this.#acceptedIdTokens.delete({ access: other, id: first });
      }
      const opened = await this.#opened(call, other.token, other.description).catch((second: unknown) => {
        throw mayRetry(second) ? reason : second;
      });
      if (!isReplacement) {
        this.#acceptedIdTokens.add({ access: first, id: other });
      }
      return opened;
    }
  }

  /** Tries only this token, and tells the source whether the server accepts or rejects it. */
  async #tryToken(source: TokenSource, call: RepeatableCall, token: AccessToken): Promise<StartedMessages> {
    try {
      const result = await this.#opened(call, token.secret, token.description);
      if (result.first.done !== true) {
        source.accept(token);
      }
      return result;
    } catch (reason) {
      if (mayRetry(reason)) {
        this.#events.tokenRejected('service_account');
        source.reject(token);
      }
      throw reason;
    }
  }

  /**
   * If the server rejects the token and the source has a new one, repeats the call once. A cached token may have been
   * revoked, or signed with an old key of the provider.
   */
  async #asServiceAccount(source: TokenSource, call: RepeatableCall): Promise<StartedMessages> {
    let rejection: { token: AccessToken; reason: unknown } | undefined;
    for (;;) {
      const token = await this.#tokenOf(source, call);
      if (rejection?.token === token) {
        throw rejection.reason;
      }
      if (rejection !== undefined) {
        this.#events.callRepeated();
      }
      this.current = token;
      try {
        return await this.#opened(call, token.secret, token.description);
      } catch (reason) {
        if (!mayRetry(reason)) {
          throw reason;
        }
        this.#events.tokenRejected('service_account');
        source.reject(token);
        if (rejection !== undefined) {
          throw reason;
        }
        rejection = { token, reason };
      }
    }
  }

  /** Starts the call. A first message shows that the server accepted the token. */
  async #opened({ open }: RepeatableCall, token: Secret, description: TokenDescription): Promise<StartedMessages> {
    const started = await open(token);
    if (started.first.done !== true) {
      this.#accepted.add(description);
    }
    return started;
  }

  async #tokenOf(source: TokenSource, { signal, stages }: RepeatableCall): Promise<AccessToken> {
    const arrived = stages?.begin('token');
    try {
      return await source.getToken(signal);
    } finally {
      arrived?.();
    }
  }
}

/**
 * Maximum number of kinds that `AcceptedIdTokens` remembers. The users of a data source sign in with a few clients of a
 * few issuers.
 */
const MAX_KINDS = 100;

/** The key is a hash, because the claims of a token may be long. */
function kindOf({ access, id }: UserTokens): string {
  const claims = [access, id].map(({ description: { issuer, audience } }) => [issuer, audience]);
  return digestOf(JSON.stringify(claims));
}

/**
 * Remembers the kinds of tokens for which a server rejected the access token and accepted the ID token. Later queries
 * with such tokens send the ID token first. A kind is the issuer and the audiences of both tokens. Keeps hashes of at
 * most 100 kinds, but no claim and no token.
 */
export class AcceptedIdTokens {
  /** The oldest first. */
  readonly #kinds = new StringSet();

  has(tokens: UserTokens): boolean {
    return this.#kinds.size > 0 && this.#kinds.has(kindOf(tokens));
  }

  /** Drops the oldest kind if 100 are remembered. */
  add(tokens: UserTokens): void {
    const [oldest] = this.#kinds;
    if (oldest !== undefined && this.#kinds.size >= MAX_KINDS) {
      this.#kinds.delete(oldest);
    }
    this.#kinds.add(kindOf(tokens));
  }

  /** Call this when the server rejects the ID token. */
  delete(tokens: UserTokens): void {
    this.#kinds.delete(kindOf(tokens));
  }
}
