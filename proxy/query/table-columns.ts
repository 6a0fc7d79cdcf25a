/**
 * The columns of the server's tables and views, for filters, grouping keys and log volumes. They are cached per
 * instance of a data source. All queries share them.
 */
import { Cache } from '../../contract/cache';
import { StringMap } from '../../contract/string-map';
import { VIEW_FUNCTIONS } from '../../contract/sql/column-lineage';
import { type SqlSource } from '../../contract/sql/query-scopes';
import { type ArrowType, type IpcMessage, readSchema } from '../frames/arrow-ipc';
import { untilAborted } from '../base/async/with-limits';
import { valueType } from '../frames/data-frames/result-columns';
import { type ErrorCode } from '../base/errors/catalogue';
import { ProxyError } from '../base/errors/proxy-error';
import { type Instance } from '../lakehouse/instances/instance';
import { USER_REJECTIONS } from '../lakehouse/instances/rejections';
import { type WaitingCall, withSlot } from '../lakehouse/instances/with-slot';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { type ColumnKind, stringLiteral } from '../sql/edit/filter-conditions';
import { type Catalogue, type KnownColumn } from '../sql/edit/resolve-filters';
import { readTableSchemas } from './read-tables';

/** Lifetime of a list of columns, in milliseconds. Views and their columns change rarely. */
const LIFETIME_MS = 10 * 60_000;
/**
 * Lifetime of a failure, in milliseconds. During this time, other queries get the same failure, so that a dashboard
 * does not repeat the call for every panel.
 */
const FAILURE_LIFETIME_MS = 2000;
/** Failures that concern only the caller who loads the value. They are not cached. */
const OF_CALLER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query_cancelled',
  'query_timeout',
  'memory_busy',
  'statements_busy',
  'identity_missing',
  ...USER_REJECTIONS,
]);
/** Maximum number of cached lists of columns per data source: one list for all tables, and one for each view set. */
const MAX_VIEW_SETS = 100;
/** Maximum length of a table function's argument, in UTF-16 units. */
const MAX_ARGUMENT = 1000;

/** Matches names of JSONB columns. Used for binary columns without a dictionary. */
const JSONB_NAME = /^(?:.*[._])?properties$/;

function kindOf(name: string, type: ArrowType): ColumnKind {
  const value = valueType(type);
  switch (value.kind) {
    case 'utf8':
    case 'largeUtf8':
    case 'utf8View':
      return 'text';
    case 'int':
    case 'float':
    case 'decimal':
      return 'number';
    case 'timestamp':
      return 'time';
    case 'bool':
      return 'boolean';
    case 'fixedSizeBinary':
      return 'bytes';
    case 'binary':
    case 'largeBinary':
    case 'binaryView':
      return type.kind === 'dictionary' || JSONB_NAME.test(name) ? 'json' : 'other';
    default:
      return 'other';
  }
}

interface Field {
  name: string;
  type: ArrowType;
}

const knownColumns = (fields: readonly Field[]): KnownColumn[] =>
  fields.map(({ name, type }) => ({ name, kind: kindOf(name, type) }));

type Tables = ReadonlyMap<string, readonly KnownColumn[]>;

async function readTableColumns(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): Promise<Tables> {
  const tables = new StringMap<readonly KnownColumn[]>();
  for await (const { name, fields } of readTableSchemas(messages, memory)) {
    tables.set(name, knownColumns(fields));
  }
  return tables;
}

/** A call on behalf of the query that needs the columns. */
export type SchemaCall = WaitingCall & { openMemory(): MemoryAccount };

/**
 * Caches the columns of all data sources. One per process. The columns of an instance are dropped with the instance.
 */
export class TableColumns {
  readonly #elapsedMs: () => number;
  readonly #tables = new WeakMap<Instance, Cache<Tables>>();

  /** @param elapsedMs Milliseconds of a monotonic clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /**
   * A catalogue with the columns of the sources of a query. Columns that are not cached are read from the server.
   *
   * @throws {ProxyError} If the call of the server fails.
   */
  async catalogueFor(sources: readonly SqlSource[], instance: Instance, call: SchemaCall): Promise<Catalogue> {
    const cache = this.#cacheOf(instance);
    const load = (key: string, read: () => Promise<Tables>) => untilAborted(cache.load(key, read), call.signal);
    const tables = await load('tables', () =>
      withSlot(instance, call, call.openMemory, (held) => readTableColumns(instance.getTables(held), held.memory))
    );
    const views = new StringMap<readonly KnownColumn[]>();
    for (const { origin } of sources) {
      const view = viewOf(origin);
      if (view !== undefined && !tables.has(view.set) && !views.has(view.set)) {
        const read = await load(`view ${view.set}`, () => readViewColumns(view, instance, call));
        views.set(view.set, read.get(view.set) ?? []);
      }
    }
    return {
      columnsOf({ origin }) {
        const set = origin.kind === 'table' ? origin.table : (viewOf(origin)?.set ?? '');
        return tables.get(set) ?? (origin.kind === 'table' ? undefined : views.get(set));
      },
    };
  }

  #cacheOf(instance: Instance): Cache<Tables> {
    const cache =
      this.#tables.get(instance) ??
      new Cache({
        maxSize: MAX_VIEW_SETS,
        ageMs: LIFETIME_MS,
        failureAgeMs: FAILURE_LIFETIME_MS,
        isOfCaller: (reason) => reason instanceof ProxyError && OF_CALLER.has(reason.code),
        now: this.#elapsedMs,
      });
    this.#tables.set(instance, cache);
    return cache;
  }
}

interface View {
  set: string;
  sql: string;
}

/** The view that a table function returns, and SQL for its columns. Undefined for other sources. */
function viewOf(origin: SqlSource['origin']): View | undefined {
  // Other functions are not called, because they may change the lakehouse.
  if (origin.kind !== 'function' || !VIEW_FUNCTIONS.has(origin.name)) {
    return undefined;
  }
  const args = origin.args.filter((arg) => arg !== undefined && arg.length <= MAX_ARGUMENT);
  const [set] = args;
  if (set === undefined || args.length < origin.args.length) {
    return undefined;
  }
  const call = `${origin.name}(${args.map((arg) => stringLiteral(arg ?? '')).join(', ')})`;
  return { set: origin.name === 'view_instance' ? set : `${origin.name}()`, sql: `SELECT * FROM ${call} LIMIT 0` };
}

function readViewColumns({ set, sql }: View, instance: Instance, call: SchemaCall): Promise<Tables> {
  return withSlot(instance, call, call.openMemory, async (held) => {
    const schema = await readSchema(instance.execute(sql, held), held.memory);
    return new StringMap([[set, knownColumns(schema?.fields ?? [])]]);
  });
}
