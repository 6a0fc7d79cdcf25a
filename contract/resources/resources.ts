import { type WhoAmI } from './health';
import { type Message } from '../messages/message';

/**
 * Payloads of the resource API, `/api/datasources/uid/<uid>/resources/<path>`.
 *
 * | path | response |
 * |---|---|
 * | `tables` | `TablesPayload` |
 * | `columns?table=<name>` | `ColumnsPayload` |
 * | `who-am-i?check=<id>` | `WhoAmIPayload`: the audit record of a check's test query, if it is found. For admins |
 * | `query-costs?session=<id>&started=<ms>` | `QueryCostsPayload`: what the server recorded about a query |
 * | `diagnostics` | `DiagnosticsFile`, see `diagnostics.ts`. For admins |
 * | `image?process=<id>&time=<ns>&name=<name>&block=<id>` | an image; name and block may be missing |
 * | `perfetto?process=<id>&from=<ms>&to=<ms>&spans=thread\|async\|both` | a Perfetto trace, see `perfetto.ts` |
 *
 * `lookups.ts` describes `POST lookup`. A failure has an HTTP status of 400 or more and an `ErrorPayload`.
 */

/** The server's audit record of a check's test query, which can be read some seconds after the query. */
export type WhoAmIPayload =
  /**
   * There is no record yet. If `hasRecords` is true, the server has audit records of other queries, so the record of
   * this query may follow.
   */
  | { status: 'pending'; hasRecords: boolean }
  /** `warnings`: differences between the record and the expected record. */
  | { status: 'found'; whoAmI: WhoAmI; warnings: readonly Message[] };

/** A table that can be queried by its name. */
export interface TableInfo {
  name: string;
  /** The columns of the table, in the order of the server. */
  columns: ColumnInfo[];
}

/** A column of a table, with its type as the server names it. */
export interface ColumnInfo {
  name: string;
  /** The name of an Arrow type, for example `Utf8`, `Timestamp(Nanosecond, "+00:00")`, `Dictionary(Int32, Binary)`. */
  type: string;
}

/** The tables of the server that can be queried by their names, with their columns. */
export interface TablesPayload {
  tables: TableInfo[];
  /** True if tables are missing, because the list reached a limit. */
  truncated?: true;
}

/** The columns of one table or view, as the server describes them. */
export interface ColumnsPayload {
  table: string;
  columns: ColumnInfo[];
}

/** The body of a response with an HTTP status of 400 or more. */
export interface ErrorPayload {
  /** Code of the error catalogue, see docs/errors.md. */
  code: string;
  message: string;
}
