/**
 * A live data source: its settings, its connection, and its sign-in, joined so that every call carries a valid token.
 */
import { ProxyError } from '../errors/proxy-error';
import { createFlightSqlClient } from '../flight-sql/create-flight-sql-client';
import {
  type CallOrigin,
  type CallUser,
  type FlightCall,
  type FlightMessage,
  type FlightSqlClient,
} from '../flight-sql/flight-sql-client';
import { type Secret } from '../logging/secret';
import { type AccessToken, type TokenSource } from '../oidc/token-source';
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
  /** A token of the service account that the caller wants to try. No other one is used in its place. */
  tried?: AccessToken | undefined;
  origin: CallOrigin;
  /** Milliseconds since 1970, both ends inclusive. */
  range?: { fromMs: number; toMs: number };
  /** Rows at which the server stops. */
  limit?: number;
  signal: AbortSignal;
  /** See `FlightCall`. */
  memory: FlightCall['memory'];
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

function isTokenRefused(reason: unknown): reason is ProxyError {
  return reason instanceof ProxyError && reason.code === 'token_refused';
}

class LiveInstance implements Instance {
  readonly #now: () => number;
  currentToken: AccessToken | undefined;

  constructor(
    readonly settings: DataSourceSettings,
    readonly client: FlightSqlClient,
    readonly tokenSource: TokenSource | undefined,
    now: () => number
  ) {
    this.#now = now;
  }

  identityFor(call: IdentityCall): CallIdentity {
    return identityOf(this.settings.auth, this.tokenSource, call);
  }

  execute(sql: string, call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.execute(sql, flightCall));
  }

  getTables(call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.getTables(flightCall));
  }

  close(): void {
    this.client.close();
  }

  async *#signedIn(call: InstanceCall, start: StartCall): AsyncGenerator<FlightMessage> {
    const identity = this.identityFor(call);
    switch (identity.kind) {
      case 'none':
        return yield* start(this.#flightCall(call, undefined));
      case 'token':
        return yield* start(this.#flightCall(call, identity.token));
      case 'forwarded':
        return yield* this.#asPerson(identity, call, start);
      case 'service-account':
        return yield* call.tried === undefined
          ? this.#asServiceAccount(identity, call, start)
          : this.#tryToken(identity, { call, token: call.tried }, start);
    }
  }

  #flightCall(call: InstanceCall, token: Secret | undefined): FlightCall {
    const { user, origin, range, limit, signal, memory, onEndpoints } = call;
    const { timeoutMs, attribution } = this.settings;
    return { user, origin, range, limit, signal, memory, onEndpoints, token, attribution, timeoutMs };
  }

  /** A person's token cannot be renewed here: a refusal is final. */
  async *#asPerson(identity: Forwarded, call: InstanceCall, start: StartCall): AsyncGenerator<FlightMessage> {
    try {
      yield* start(this.#flightCall(call, identity.token));
    } catch (reason) {
      throw isTokenRefused(reason) ? identityRefused(reason, identity, this.#now()) : reason;
    }
  }

  /** One token, whatever the server says to it. */
  async *#tryToken(
    { source }: ServiceAccount,
    { call, token }: { call: InstanceCall; token: AccessToken },
    start: StartCall
  ): AsyncGenerator<FlightMessage> {
    let isAccepted = false;
    try {
      for await (const message of start(this.#flightCall(call, token.secret))) {
        if (!isAccepted) {
          isAccepted = true;
          source.accept(token);
        }
        yield message;
      }
    } catch (reason) {
      if (isTokenRefused(reason) && !isAccepted) {
        source.reject(token);
      }
      throw reason;
    }
  }

  /** A server may refuse a token that looks valid here (revoked, keys rotated): the call is retried once with a new one. */
  async *#asServiceAccount(
    { source }: ServiceAccount,
    call: InstanceCall,
    start: StartCall
  ): AsyncGenerator<FlightMessage> {
    let refusal: { token: AccessToken; reason: unknown } | undefined;
    for (;;) {
      const token = await source.getToken(call.signal);
      if (refusal?.token === token) {
        throw refusal.reason;
      }
      this.currentToken = token;
      let hasData = false;
      try {
        for await (const message of start(this.#flightCall(call, token.secret))) {
          hasData = true;
          yield message;
        }
        return;
      } catch (reason) {
        if (!isTokenRefused(reason) || hasData) {
          throw reason;
        }
        source.reject(token);
        if (refusal !== undefined) {
          throw reason;
        }
        refusal = { token, reason };
      }
    }
  }
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
