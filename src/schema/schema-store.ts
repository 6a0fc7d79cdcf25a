/**
 * Tables and columns of one data source, asked of the proxy once and kept.
 *
 * Every editor on the page wants them at the same moment: callers share one request in flight. A failure is remembered
 * until somebody asks for a refresh, so that typing does not send a request per key. Nothing here rejects; the error
 * is part of the state, and the editor shows it as a hint.
 */
import { type ColumnInfo, type ColumnsPayload, type TableInfo, type TablesPayload } from '../../contract/resources';
import { failureText } from '../failure-text';

export interface SchemaState {
  status: 'idle' | 'loading' | 'ready' | 'failed';
  tables: TableInfo[];
  /** The server has more tables than are listed. */
  isTruncated?: boolean;
  /** One sentence for the author of the query, when `status` is `failed`. */
  error?: string;
}

/** The two requests behind the store. */
export interface SchemaSource {
  tables: () => Promise<TablesPayload>;
  columns: (table: string) => Promise<ColumnsPayload>;
}

export class SchemaStore {
  readonly #source: SchemaSource;
  #state: SchemaState = { status: 'idle', tables: [] };
  #inFlight: Promise<TableInfo[]> | undefined;
  readonly #columnRequests = new Map<string, Promise<ColumnInfo[]>>();
  readonly #listeners = new Set<() => void>();

  constructor(source: SchemaSource) {
    this.#source = source;
  }

  /** For `useSyncExternalStore`. */
  readonly getState = (): SchemaState => this.#state;

  /** For `useSyncExternalStore`. @returns A function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The tables: kept ones, those of the request in flight, or of a new request. Empty when they cannot be had. */
  tables(): Promise<TableInfo[]> {
    if (this.#state.status === 'ready' || this.#state.status === 'failed') {
      return Promise.resolve(this.#state.tables);
    }
    this.#inFlight ??= this.#load();
    return this.#inFlight;
  }

  /** Columns of a table or view set that may be missing from the list of tables. Empty when they cannot be had. */
  async columns(table: string): Promise<ColumnInfo[]> {
    const known = (await this.tables()).find((candidate) => candidate.name === table);
    if (known && known.columns.length > 0) {
      return known.columns;
    }
    let request = this.#columnRequests.get(table);
    if (!request) {
      // A name that the server does not know is an everyday case while one types: no columns, no message.
      request = this.#source.columns(table).then(
        (payload) => payload.columns,
        () => []
      );
      this.#columnRequests.set(table, request);
    }
    return request;
  }

  /** Asks again, whatever is kept. The tables known so far stay until the answer is there. */
  refresh(): Promise<TableInfo[]> {
    this.#columnRequests.clear();
    this.#inFlight ??= this.#load();
    return this.#inFlight;
  }

  async #load(): Promise<TableInfo[]> {
    this.#set({ status: 'loading', tables: this.#state.tables });
    try {
      const { tables, truncated } = await this.#source.tables();
      this.#set({ status: 'ready', tables, ...(truncated && { isTruncated: true }) });
    } catch (reason) {
      this.#set({
        status: 'failed',
        tables: this.#state.tables,
        error: failureText(reason, 'The list of tables could not be loaded.'),
      });
    } finally {
      this.#inFlight = undefined;
    }
    return this.#state.tables;
  }

  #set(state: SchemaState): void {
    this.#state = state;
    this.#listeners.forEach((listener) => listener());
  }
}
