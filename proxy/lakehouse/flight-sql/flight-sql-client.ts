/**
 * The interface of the Flight SQL client, which sends statements and returns Arrow messages.
 */
import { type Secret } from '../../observe/logging/secret';
import { type ReceivingMemory } from '../../observe/memory/memory-account';
import { type CheckedSql } from '../../sql/guard/checked-sql';
import { type TraceContext } from '../../observe/telemetry/trace-context';

/** One message of a result. Header and body are views of the received bytes. */
export interface FlightMessage {
  /** FlatBuffers `Message` of Arrow IPC (Schema, DictionaryBatch or RecordBatch), without framing. */
  header: Uint8Array;
  /** The message's body; empty for a schema. */
  body: Uint8Array;
}

/** The origin of a call, for the server's audit trail. Values are encoded as printable ASCII. */
export interface CallOrigin {
  /**
   * For example `dashboard`, `explore`, `alerting`, `variable`, `annotation`, `health`, `completion`, `image`,
   * `perfetto`, `probe`.
   */
  entrypoint: string;
  dashboardUid?: string;
  panelId?: string;
  /** Random id of one run of a query. It identifies the audit records of the run. */
  session?: string | undefined;
}

/** The Grafana user of a call. */
export interface CallUser {
  login: string;
  name: string;
  email: string;
}

/**
 * The attribution headers that are sent. `full`: with an API key or without sign-in. `name-only`: with OAuth. `off`:
 * none.
 */
export type AttributionMode = 'off' | 'full' | 'name-only';

/** A time range in milliseconds since 1970. Both ends are inclusive, unless `excludesEnd` is true. */
export interface SentRange {
  fromMs: number;
  toMs: number;
  /** True if all rows before `toMs` are selected, but none at `toMs`. Default: false. */
  excludesEnd?: boolean;
}

/** Who calls, and the limits of the call. An option that is missing is not sent to the server. */
export interface FlightCall {
  /** Bearer token: API key or access token. */
  token?: Secret;
  attribution: AttributionMode;
  user?: CallUser;
  origin: CallOrigin;
  /** The trace that the call belongs to. */
  trace?: TraceContext;
  range?: SentRange;
  /** The row limit that the server applies. Not sent with EXPLAIN, which does not support it. */
  limit?: number;
  /** Milliseconds until the call fails with `query_timeout` or `server_silent`. */
  timeoutMs: number;
  /**
   * The time limit that errors name, in milliseconds. This is the limit of the whole query, although earlier statements
   * may have used a part of it. Default: `timeoutMs`.
   */
  limitMs?: number | undefined;
  signal: AbortSignal;
  /**
   * The account for received bytes. If a message is longer than the limit of the account, the call fails with
   * `result_too_large`.
   */
  memory: ReceivingMemory;
  /**
   * Called with the number of endpoints before they are read. Called again if the server rejects the ticket of the
   * client.
   */
  onEndpoints?: (count: number) => void;
  /**
   * Called when the last message of the result has arrived. The consumer may still have to read it. Not called after a
   * failure.
   */
  onReceived?: () => void;
}

/** A client for one server. Its creator closes it. */
export interface FlightSqlClient {
  /**
   * Runs a statement and streams its result: one schema message, then dictionary and record batches of all endpoints in
   * order. Ending the iteration early cancels the call on the server.
   *
   * @throws {ProxyError} if the server fails, before or between messages.
   */
  execute(sql: CheckedSql, call: FlightCall): AsyncIterable<FlightMessage>;
  /** Lists the server's global tables. Yields the result of `CommandGetTables` with `table_schema`. */
  getTables(call: FlightCall): AsyncIterable<FlightMessage>;
  /**
   * Checks a connection for Save & test. The stage `address` resolves the name and connects. The stage `tls` also
   * checks TLS and HTTP/2.
   */
  probe(stage: 'address' | 'tls', signal: AbortSignal): Promise<void>;
  /** Closes all connections. Calls in flight fail with `connection_lost`. */
  close(): void;
}
