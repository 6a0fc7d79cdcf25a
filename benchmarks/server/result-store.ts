/** Results as encoded gRPC messages. Each result is created once and kept. */
import { prefixed } from '../../proxy/flight-sql/testing/http2-test-server';
import { flightData } from '../../proxy/flight-sql/testing/flight-test-server';
import { tableMessages } from '../tables/table-messages';
import { isTableName } from '../tables/tables';

const FROM = /\bfrom\s+(\w+)/i;
const LIMIT = /\blimit\s+(\d+)/i;
const DEFAULT_ROWS = 1000;

export class ResultStore {
  readonly #results = new Map<string, readonly Buffer[]>();

  /**
   * @param sql `SELECT … FROM <table> LIMIT <rows>`. Only the table and the number of rows are read.
   * @returns One buffer for each message, with its gRPC prefix; undefined for an unknown table.
   */
  find(sql: string, keepsDictionaries: boolean): readonly Buffer[] | undefined {
    const table = FROM.exec(sql)?.[1]?.toLowerCase() ?? 'points';
    if (!isTableName(table)) {
      return undefined;
    }
    const rows = Number(LIMIT.exec(sql)?.[1] ?? DEFAULT_ROWS);
    const key = `${table} ${rows} ${keepsDictionaries}`;
    const messages =
      this.#results.get(key) ??
      tableMessages(table, rows, keepsDictionaries).map((message) =>
        prefixed(flightData(message.header, message.body))
      );
    this.#results.set(key, messages);
    return messages;
  }
}
