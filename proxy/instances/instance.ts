/**
 * A live data source: its settings, its connection, and its sign-in, joined so that every call carries a valid token.
 */
import { ProxyError } from '../errors/proxy-error';
import { createFlightSqlClient } from '../flight-sql/create-flight-sql-client';
import {
  type AttributionMode,
  type CallOrigin,
  type CallUser,
  type FlightCall,
  type FlightMessage,
  type FlightSqlClient,
} from '../flight-sql/flight-sql-client';
import { type Secret } from '../logging/secret';
import { type AccessToken, type TokenSource } from '../oidc/token-source';
import { AttributionProbe } from './attribution-probe';
import {
  identityOf,
  identityRefused,
  type CallIdentity,
  type ForwardedTokens,
  type IdentityCall,
} from './call-identity';
import { type DataSourceSettings } from './settings';

/** What a caller says about a call; the rest comes from the settings. */
export interface InstanceCall {
  /** Left out for what is no person: alert rules, anonymous and public dashboards. */
  user?: CallUser;
  /** OAuth tokens of that person. Not used unless the data source forwards identities. */
  forwarded?: ForwardedTokens;
  origin: CallOrigin;
  /** Milliseconds since 1970, both ends inclusive. */
  range?: { fromMs: number; toMs: number };
  /** Rows at which the server stops. */
  limit?: number;
  signal: AbortSignal;
  /** See `FlightCall`. */
  receiving?: FlightCall['receiving'];
  onEndpoints?: FlightCall['onEndpoints'];
}

export interface Instance {
  readonly settings: DataSourceSettings;
  readonly client: FlightSqlClient;
  /** There when the data source has a service account. */
  readonly tokenSource?: TokenSource;
  /** The access token that the last call of the service account carried. Undefined before it, and without OAuth. */
  readonly currentToken: AccessToken | undefined;
  /**
   * Whose credentials a call carries.
   *
   * @throws {ProxyError} `identity_missing`.
   */
  identityFor(call: IdentityCall): CallIdentity;
  /**
   * What a call tells the server of its user. Asks the server what it takes, if that is not known yet.
   *
   * @throws {ProxyError} of the sign-in.
   */
  attributionFor(call: InstanceCall): Promise<AttributionMode>;
  /**
   * Runs a statement as `FlightSqlClient.execute` does, with the sign-in of the data source.
   *
   * @throws {ProxyError} of the sign-in or the server.
   */
  execute(sql: string, call: InstanceCall): AsyncIterable<FlightMessage>;
  /** The server's global tables, see `FlightSqlClient.getTables`. */
  getTables(call: InstanceCall): AsyncIterable<FlightMessage>;
  /** Ends the connection. Calls in flight fail with `connection_lost`. */
  close(): void;
}

type StartCall = (call: FlightCall) => AsyncIterable<FlightMessage>;
type ServiceAccount = Extract<CallIdentity, { kind: 'service-account' }>;
type Forwarded = Extract<CallIdentity, { kind: 'forwarded' }>;

class LiveInstance implements Instance {
  currentToken: AccessToken | undefined;
  readonly #probe: AttributionProbe;

  constructor(
    readonly settings: DataSourceSettings,
    readonly client: FlightSqlClient,
    readonly tokenSource: TokenSource | undefined,
    private readonly now: () => number
  ) {
    this.#probe = new AttributionProbe((sql, call) => client.execute(sql, call));
  }

  identityFor(call: IdentityCall): CallIdentity {
    return identityOf(this.settings.auth, this.tokenSource, call);
  }

  async attributionFor(call: InstanceCall): Promise<AttributionMode> {
    const identity = this.identityFor(call);
    if (call.user !== undefined && this.#dependsOnServer(identity)) {
      const token = await identity.source.getToken(call.signal);
      await unlessAborted(this.#probe.settle(call.user, token.secret), call.signal);
    }
    return this.#attribution(identity);
  }

  execute(sql: string, call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.execute(sql, flightCall));
  }

  getTables(call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.getTables(flightCall));
  }

  close(): void {
    this.#probe.close();
    this.client.close();
  }

  async *#signedIn(call: InstanceCall, start: StartCall): AsyncGenerator<FlightMessage> {
    const identity = this.identityFor(call);
    switch (identity.kind) {
      case 'none':
        return yield* start(this.#flightCall(call, identity, undefined));
      case 'token':
        return yield* start(this.#flightCall(call, identity, identity.token));
      case 'forwarded':
        return yield* this.#asPerson(identity, call, start);
      case 'service-account':
        return yield* this.#asServiceAccount(identity, call, start);
    }
  }

  /** Only a service account may turn out to be allowed more than a name: of a person the server knows all by the token. */
  #dependsOnServer(identity: CallIdentity): identity is ServiceAccount {
    return this.settings.attribution === 'name-only' && identity.kind === 'service-account';
  }

  #attribution(identity: CallIdentity): AttributionMode {
    return this.#dependsOnServer(identity) ? this.#probe.mode : this.settings.attribution;
  }

  #flightCall(call: InstanceCall, identity: CallIdentity, token: Secret | undefined): FlightCall {
    const { user, origin, range, limit, signal, receiving, onEndpoints } = call;
    const { timeoutMs } = this.settings;
    const attribution = this.#attribution(identity);
    return { user, origin, range, limit, signal, receiving, onEndpoints, token, attribution, timeoutMs };
  }

  /** A person's token cannot be renewed here: a refusal is final. */
  async *#asPerson(identity: Forwarded, call: InstanceCall, start: StartCall): AsyncGenerator<FlightMessage> {
    try {
      yield* start(this.#flightCall(call, identity, identity.token));
    } catch (reason) {
      const isRefused = reason instanceof ProxyError && reason.code === 'token_refused';
      throw isRefused ? identityRefused(reason, identity, this.now()) : reason;
    }
  }

  /**
   * A server may refuse a token that looks valid here (revoked, keys rotated), or the names of people that it took before:
   * each gets one more chance, with a new token or with the name alone.
   */
  async *#asServiceAccount(
    identity: ServiceAccount,
    call: InstanceCall,
    start: StartCall
  ): AsyncGenerator<FlightMessage> {
    const chances = new Set(['token_refused', 'attribution_refused']);
    let refusal: { token: AccessToken; reason: unknown } | undefined;
    for (;;) {
      const token = await identity.source.getToken(call.signal);
      if (refusal?.token === token) {
        throw refusal.reason;
      }
      this.currentToken = token;
      const flightCall = this.#flightCall(call, identity, token.secret);
      let hasData = false;
      try {
        for await (const message of start(flightCall)) {
          if (!hasData) {
            hasData = true;
            this.#learnAttribution(identity, call, token);
          }
          yield message;
        }
        return;
      } catch (reason) {
        const code = reason instanceof ProxyError && !hasData ? reason.code : undefined;
        if (code === 'token_refused') {
          refusal = { token, reason };
          identity.source.reject(token);
        } else if (code === 'attribution_refused' && flightCall.attribution === 'full') {
          this.#probe.refused();
        } else {
          throw reason;
        }
        if (!chances.delete(code)) {
          throw reason;
        }
      }
    }
  }

  /** The server took the token, so its answer to the probe will be about the names. */
  #learnAttribution(identity: ServiceAccount, { user }: InstanceCall, token: AccessToken): void {
    if (user !== undefined && this.#dependsOnServer(identity)) {
      this.#probe.start(user, token.secret);
    }
  }
}

/** Waits for `work`, but no longer than the caller does. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const stop = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    signal.addEventListener('abort', stop);
    void work.then(stop);
  });
}

export interface InstanceDeps {
  /** Of the credentials in the settings, when there are such. */
  tokenSource?: TokenSource;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Connects nothing yet. */
export function createInstance(settings: DataSourceSettings, { tokenSource, now }: InstanceDeps): Instance {
  const { server, metadata, auth } = settings;
  const client = createFlightSqlClient({ server, metadata, signIn: auth.kind });
  return new LiveInstance(settings, client, tokenSource, now);
}
