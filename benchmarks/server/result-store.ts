/** Results as encoded gRPC messages. Each result is created once and cached. */
import { prefixed } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { flightData } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { tableMessages } from '../tables/table-messages';
import { readStatement } from './read-statement';

export class ResultStore {
  readonly #results = new Map<string, readonly Buffer[]>();

  /**
   * @param sql `SELECT … FROM <table> LIMIT <rows>`, or a statement that the backend writes for a view query.
   * @returns One buffer for each message, with its gRPC prefix. Undefined for an unknown table.
   */
  find(sql: string, keepsDictionaries: boolean): readonly Buffer[] | undefined {
    const statement = readStatement(sql);
    if (statement === undefined) {
      return undefined;
    }
    const { table, rows } = statement;
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
