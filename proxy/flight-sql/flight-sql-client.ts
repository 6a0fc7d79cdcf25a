/**
 * What the rest of the proxy sees of the Flight SQL connection: statements in, Arrow messages out.
 */
import { type Secret } from '../logging/secret';
import { type MemoryAccount } from '../memory/memory-account';

/** One message of a result stream, both parts as views of what was received. */
export interface FlightMessage {
  /** FlatBuffers `Message` of Arrow IPC (Schema, DictionaryBatch or RecordBatch), without framing. */
  header: Uint8Array;
  /** The message's body; empty for a schema. */
  body: Uint8Array;
}

/** Where a call comes from, for the server's audit trail. Values are made printable ASCII before they are sent. */
export interface CallOrigin {
  /** For example `dashboard`, `explore`, `alerting`, `variable`, `annotation`, `health`, `schema`. */
  entrypoint: string;
  dashboardUid?: string;
  panelId?: string;
}

/** The Grafana user in whose name a call is made. */
export interface CallUser {
  login: string;
  name: string;
  email: string;
}

/** Which attribution headers a server accepts: all for API keys and open servers, the name only under OAuth. */
export type AttributionMode = 'off' | 'full' | 'name-only';

export interface FlightCall {
  /** Bearer token: API key or access token. */
  token?: Secret;
  attribution: AttributionMode;
  user?: CallUser;
  origin: CallOrigin;
  /** Milliseconds since 1970, both ends inclusive. Sent as headers, both or neither. */
  range?: { fromMs: number; toMs: number };
  /** Rows at which the server stops. Not sent with EXPLAIN, which cannot take it. */
  limit?: number;
  /** Milliseconds until the call fails with `query_timeout`. */
  timeoutMs: number;
  signal: AbortSignal;
  /** What is received is taken from it. A message that is longer than it may hold fails the call with `result_too_large`. */
  memory: MemoryAccount;
  /** Told how many endpoints the result is read from, before the first of them is. The last word counts. */
  onEndpoints?: (count: number) => void;
}

export interface FlightSqlClient {
  /**
   * Runs a statement and streams its result: one schema message, then dictionary and record batches of all endpoints in
   * order. Ending the iteration early cancels the stream on the server.
   *
   * @throws {ProxyError} when the server refuses or fails, before or between messages.
   */
  execute(sql: string, call: FlightCall): AsyncIterable<FlightMessage>;
  /** The server's global tables as a result of `CommandGetTables` (with `table_schema`). */
  getTables(call: FlightCall): AsyncIterable<FlightMessage>;
  /** Tells how far a plain connection gets: name look-up and TCP, then TLS where it is on. For Save & Test. */
  probe(stage: 'address' | 'tls', signal: AbortSignal): Promise<void>;
  /** Ends the connection. Calls in flight fail with `connection_lost`. */
  close(): void;
}
