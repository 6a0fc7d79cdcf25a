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
import { type DataSourceSettings } from './settings';

/** What a caller says about a call; the rest comes from the settings. */
export interface InstanceCall {
  /** Left out for what is no person: alert rules, anonymous and public dashboards. */
  user?: CallUser;
  origin: CallOrigin;
  /** Milliseconds since 1970, both ends inclusive. */
  range?: { fromMs: number; toMs: number };
  /** Rows at which the server stops. */
  limit?: number;
  signal: AbortSignal;
}

export interface Instance {
  readonly settings: DataSourceSettings;
  readonly client: FlightSqlClient;
  /** There when the data source signs in with OAuth. */
  readonly tokenSource?: TokenSource;
  /** The access token that the last call carried, for what can be told of it. Undefined without OAuth. */
  readonly currentToken: AccessToken | undefined;
  /**
   * Runs a statement as `FlightSqlClient.execute` does, with the sign-in of the data source.
   *
   * @throws {ProxyError} of the sign-in or the server.
   */
  execute(sql: string, call: InstanceCall): AsyncIterable<FlightMessage>;
  /** The server's global tables, see `FlightSqlClient.getTables`. */
  getTables(call: InstanceCall): AsyncIterable<FlightMessage>;
}

type StartCall = (call: FlightCall) => AsyncIterable<FlightMessage>;

class LiveInstance implements Instance {
  currentToken: AccessToken | undefined;

  constructor(
    readonly settings: DataSourceSettings,
    readonly client: FlightSqlClient,
    readonly tokenSource: TokenSource | undefined
  ) {}

  execute(sql: string, call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.execute(sql, flightCall));
  }

  getTables(call: InstanceCall): AsyncIterable<FlightMessage> {
    return this.#signedIn(call, (flightCall) => this.client.getTables(flightCall));
  }

  #signedIn(call: InstanceCall, start: StartCall): AsyncIterable<FlightMessage> {
    const { auth } = this.settings;
    return this.tokenSource === undefined
      ? start(this.#flightCall(call, auth.kind === 'token' ? auth.token : undefined))
      : this.#withAccessToken(this.tokenSource, call, start);
  }

  #flightCall(call: InstanceCall, token: Secret | undefined): FlightCall {
    const { attribution, timeoutMs } = this.settings;
    return { ...call, token, attribution, timeoutMs };
  }

  /** A server may refuse a token that looks valid here (revoked, keys rotated): a new one gets one chance. */
  async *#withAccessToken(source: TokenSource, call: InstanceCall, start: StartCall): AsyncGenerator<FlightMessage> {
    for (const isLastTry of [false, true]) {
      const token = await source.getToken(call.signal);
      this.currentToken = token;
      let hasData = false;
      try {
        for await (const message of start(this.#flightCall(call, token.secret))) {
          hasData = true;
          yield message;
        }
        return;
      } catch (reason) {
        const wasRefused = reason instanceof ProxyError && reason.code === 'token_refused' && !hasData;
        if (wasRefused) {
          source.reject(token);
        }
        if (!wasRefused || isLastTry) {
          throw reason;
        }
      }
    }
  }
}

/** Connects nothing yet. @param tokenSource Of the credentials in `settings`, when it has such. */
export function createInstance(settings: DataSourceSettings, tokenSource: TokenSource | undefined): Instance {
  const { host, port, secure, metadata, auth } = settings;
  const client = createFlightSqlClient({ host, port, secure, metadata, signIn: auth.kind });
  return new LiveInstance(settings, client, tokenSource);
}
