/**
 * Cache of the tables and columns of one data source.
 *
 * All editors of a page need the tables at the same time, so callers share one request in flight. A failure of the
 * tables is cached until `refresh`, so that typing does not send a request per character. The promises of `SchemaStore`
 * never reject. If the tables cannot be loaded, the error is part of the state, and the editor shows the error as a
 * notice. A failure to load the columns of a table is not shown, so the user cannot try again. But the filters of
 * dashboards need the columns, and the store lives as long as the page. So this failure is cached for some seconds
 * only.
 */
import { Cache } from '../../../contract/cache';
import { StringMap } from '../../../contract/string-map';
import { t } from '@grafana/i18n';
import { useEffect, useSyncExternalStore } from 'react';
import {
  type ColumnInfo,
  type ColumnsPayload,
  type TableInfo,
  type TablesPayload,
} from '../../../contract/resources/resources';
import { failureMessage } from '../failure-message';
import { isOnlyPerInstance, knownTable } from '../sql/known-tables';

interface SchemaState {
  status: 'idle' | 'loading' | 'ready' | 'failed';
  tables: TableInfo[];
  /** True if the server has more tables than it lists. */
  isTruncated?: boolean;
  /** Error message, if `status` is `failed`. */
  error?: string;
}

/** Milliseconds for which the failure of a request for columns is cached. */
const FAILURE_KEPT_MS = 20_000;

/**
 * Maximum number of tables whose columns are cached. While the user types the name of a table, its incomplete names are
 * requested too.
 */
const MAX_COLUMN_REQUESTS = 200;

/** The requests of the store. */
export interface SchemaSource {
  tables: () => Promise<TablesPayload>;
  columns: (table: string) => Promise<ColumnsPayload>;
}

/** The cache of one data source object. Requests nothing before `tables` or `columns` is called. */
export class SchemaStore {
  readonly #source: SchemaSource;
  #state: SchemaState = { status: 'idle', tables: [] };
  /** The tables by name, and their names. Completion needs them for each key that the user presses. */
  #byName: ReadonlyMap<string, TableInfo> = new StringMap();
  #names: readonly string[] = [];
  #inFlight: Promise<TableInfo[]> | undefined;
  readonly #columns = new Cache<ColumnInfo[]>({ maxSize: MAX_COLUMN_REQUESTS, failureAgeMs: FAILURE_KEPT_MS });
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

  /** Tables from the cache, the request in flight, or a new request. After a failure, the cached tables, if any. */
  tables(): Promise<TableInfo[]> {
    if (this.#state.status === 'ready' || this.#state.status === 'failed') {
      return Promise.resolve(this.#state.tables);
    }
    this.#inFlight ??= this.#load();
    return this.#inFlight;
  }

  /** Names of the tables. The array is the same until the tables change. */
  async tableNames(): Promise<readonly string[]> {
    await this.tables();
    return this.#names;
  }

  /** Columns of a table, even if the table is not in the list of tables. Empty if the request for the columns fails. */
  async columns(table: string): Promise<ColumnInfo[]> {
    await this.tables();
    const known = this.#byName.get(table);
    if (known && known.columns.length > 0) {
      return known.columns;
    }
    if (!known && isOnlyPerInstance(table)) {
      // The server lists no columns for view sets without a global instance.
      return [...(knownTable(table)?.columns ?? [])];
    }
    // While the user types, the name of the table is often incomplete. So a failure is not reported.
    return this.#columns.load(table, async () => (await this.#source.columns(table)).columns).catch(() => []);
  }

  /** Loads the tables again. The cached ones remain until the new ones have arrived. */
  refresh(): Promise<TableInfo[]> {
    this.#columns.clear();
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
        error: failureMessage(reason, t('schema.failed', 'The list of tables could not be loaded.')),
      });
    } finally {
      this.#inFlight = undefined;
    }
    return this.#state.tables;
  }

  #set(state: SchemaState): void {
    if (state.tables !== this.#state.tables) {
      this.#byName = new StringMap(state.tables.map((table) => [table.name, table]));
      this.#names = [...this.#byName.keys()];
    }
    this.#state = state;
    this.#listeners.forEach((listener) => listener());
  }
}

/** Loads the tables when the component is mounted, and renders it again when the state changes. */
export function useSchema(store: SchemaStore): SchemaState {
  useEffect(() => {
    void store.tables();
  }, [store]);
  return useSyncExternalStore(store.subscribe, store.getState);
}
