/**
 * The SQL of each lookup. Names and strings from the request appear in the SQL only as quoted names and literals.
 *
 * Columns of large tables are read from samples, because a table may have billions of rows. The samples are the newest
 * minutes of the range, its newest hour, and the whole range, each with a row limit. The statements have no ORDER BY,
 * so the server stops scanning at this limit, and may return the oldest rows of a sample. A search reads only the rows
 * of the samples, so its cost does not depend on the number of matches. If Micromegas also stores a column in a small
 * table, the column is read from that table.
 */
import { quotedName, quoteLiteral } from '../../../contract/sql/sql-names';
import {
  type LookupRange,
  type LookupRequest,
  type LookupTable,
  type MeasuresRequest,
  type ProcessesRequest,
  type PropertyKeysRequest,
  SEARCHED_FIELDS,
  STREAM_TAGS,
  type StreamsRequest,
  type StreamTag,
  type TelemetryRequest,
  type ValuesRequest,
} from '../../../contract/resources/lookups';

/** Maximum number of items of a list. */
export const MAX_ITEMS = 1000;
/** Maximum number of processes in a list. */
export const MAX_OFFERED_PROCESSES = 200;
/** Maximum number of functions in a list. */
export const MAX_FUNCTIONS = 2000;

/**
 * Maximum length of a string in a list, in characters. Longer values of columns are left out, because a filter on a
 * truncated value selects nothing.
 */
export const MAX_ITEM_CHARACTERS = 500;

/** Row limit of each sample. */
const SAMPLE_ROWS = 100_000;
/** Row limit of a sample of properties. JSONB values are long, and each must be decoded. */
const PROPERTY_SAMPLE_ROWS = 50_000;
/**
 * Row limit of a sample of measures. It is higher, because processes write many rows per second, and the columns have
 * few distinct values.
 */
const MEASURE_SAMPLE_ROWS = 300_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type ColumnOfTable = LookupTable & { column: string };

/** One statement of a lookup, with its range. */
export interface LookupStatement {
  sql: string;
  /** The server reads only the partitions of this range. */
  range?: LookupRange;
}

function time(epochMs: number): string {
  return quoteLiteral(new Date(epochMs).toISOString());
}

/** The condition that a value contains a string, in any letter case. LIKE would interpret `%`, `_` and backslashes. */
function contains(expression: string, search: string): string {
  return `strpos(lower(CAST(${expression} AS VARCHAR)), lower(${quoteLiteral(search)})) > 0`;
}

function containsAny(columns: readonly string[], search: string | undefined): string[] {
  return search === undefined ? [] : [`(${columns.map((column) => contains(column, search)).join(' OR ')})`];
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** The LIMIT of a statement: one row more than the list may have, to detect truncation. */
function limit(items: number): string {
  return ` LIMIT ${items + 1}`;
}

function tableOf({ table, instanceId }: LookupTable): string {
  return instanceId === undefined
    ? quotedName(table)
    : `view_instance(${quoteLiteral(table)}, ${quoteLiteral(instanceId)})`;
}

/** Large global tables. A sample of the whole range of such a table may lack the newest values. */
const LARGE_TABLES: ReadonlySet<string> = new Set(['log_entries', 'measures']);

/** Lengths of the samples at the end of the range, in milliseconds. */
const NEWEST_MS = [5 * MINUTE_MS, HOUR_MS];

/**
 * SQL for the samples of a table: the whole range, and for a large table also the newest minutes and the newest hour.
 *
 * @param columns The select list.
 * @param rows    Row limit of each sample.
 */
function sample(columns: string, from: LookupTable, range: LookupRange, rows: number, nowMs: number): string {
  const select = `SELECT ${columns} FROM ${tableOf(from)}`;
  const whole = `${select} LIMIT ${rows}`;
  if (from.instanceId !== undefined || !LARGE_TABLES.has(from.table)) {
    return whole;
  }
  const endMs = Math.min(range.toMs, nowMs);
  const newest = NEWEST_MS.map((lengthMs) => endMs - lengthMs)
    .filter((startMs) => startMs > range.fromMs)
    .map((startMs) => `${select} WHERE "time" >= ${time(startMs)} LIMIT ${rows}`);
  return newest.length === 0 ? whole : [...newest, whole].map((each) => `(${each})`).join(' UNION ALL ');
}

/** For columns of large tables: the column of a small table that has the same values. */
const SMALL_SOURCES: ReadonlyMap<string, { table: string; column: string }> = new Map([
  ['exe', { table: 'processes', column: 'exe' }],
  ['computer', { table: 'processes', column: 'computer' }],
  ['username', { table: 'processes', column: 'username' }],
  ['process_id', { table: 'processes', column: 'process_id' }],
  ['process_properties', { table: 'processes', column: 'properties' }],
  ['stream_id', { table: 'streams', column: 'stream_id' }],
]);

/** Columns of `log_entries` whose values are read from `log_stats`. An administrator can remove `log_stats`. */
const STATISTICS_COLUMNS: ReadonlySet<string> = new Set(['level', 'target']);

/** The tables and columns to read, the best choice first. */
function sourcesOf({ table, instanceId, column }: ColumnOfTable): ColumnOfTable[] {
  const asked = { table, instanceId, column };
  if (instanceId !== undefined || !LARGE_TABLES.has(table)) {
    return [asked];
  }
  const small = SMALL_SOURCES.get(column);
  if (small !== undefined) {
    return [small];
  }
  const isCounted = table === 'log_entries' && STATISTICS_COLUMNS.has(column);
  return isCounted ? [{ table: 'log_stats', column }, asked] : [asked];
}

/**
 * The range that selects the rows of a table. The time of a row in `log_stats` is the start of its minute, so the range
 * begins at a full minute. For processes and streams, the range ends at least a day after the present, because the
 * server compares it with the insertion time of a process or stream. This time may be much later than the start.
 */
function rangeOf(table: string, { fromMs, toMs }: LookupRange, nowMs: number): LookupRange {
  switch (table) {
    case 'log_stats':
      return { fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, toMs };
    case 'processes':
    case 'streams':
      return { fromMs, toMs: Math.max(toMs, nowMs) + DAY_MS };
    default:
      return { fromMs, toMs };
  }
}

/** SQL for the distinct strings of `expression` in the rows of `from`, the most frequent first. */
function frequentValues(expression: string, from: string, column: string, search?: string): string {
  const conditions = [
    `${column} <> ''`,
    `length(${column}) <= ${MAX_ITEM_CHARACTERS}`,
    ...containsAny([column], search),
  ];
  return (
    `SELECT ${column} FROM (SELECT ${expression} AS ${column} FROM (${from}) AS sampled) AS texts${where(conditions)} ` +
    `GROUP BY ${column} ORDER BY count(*) DESC, ${column}${limit(MAX_ITEMS)}`
  );
}

function values(request: ValuesRequest, nowMs: number): LookupStatement[] {
  const { property, search, range } = request;
  return sourcesOf(request).map((source) => {
    const sampleRows = property === undefined ? SAMPLE_ROWS : PROPERTY_SAMPLE_ROWS;
    const rows = sample(`${quotedName(source.column)} AS v`, source, range, sampleRows, nowMs);
    const value = property === undefined ? 'v' : `property_get(v, ${quoteLiteral(property)})`;
    return {
      sql: frequentValues(`CAST(${value} AS VARCHAR)`, rows, 'value', search),
      range: rangeOf(source.table, range, nowMs),
    };
  });
}

function propertyKeys(request: PropertyKeysRequest, nowMs: number): LookupStatement[] {
  return sourcesOf(request).map((source) => {
    const rows = sample(`${quotedName(source.column)} AS v`, source, request.range, PROPERTY_SAMPLE_ROWS, nowMs);
    return {
      sql: frequentValues('unnest(jsonb_object_keys(v))', rows, 'key'),
      range: rangeOf(source.table, request.range, nowMs),
    };
  });
}

const PROCESS_COLUMN_OF = { exe: 'exe', computer: 'computer', username: 'username', processId: 'process_id' } as const;

const OTEL_SPANS = "format = 'otlp/v1/traces'";

/** A condition on a stream. Streams of OpenTelemetry spans share their tag with other streams. */
function hasTag(tag: StreamTag): string {
  return `array_has(tags, ${quoteLiteral(tag)})${tag === 'trace' ? ` AND ${OTEL_SPANS}` : ''}`;
}

function processes({ search, has, range }: ProcessesRequest, nowMs: number): LookupStatement[] {
  const conditions = [
    `start_time <= ${time(range.toMs)}`,
    `last_update_time >= ${time(range.fromMs)}`,
    ...(has === undefined ? [] : [`process_id IN (SELECT process_id FROM streams WHERE ${hasTag(has)})`]),
    ...containsAny(
      SEARCHED_FIELDS.processes.map((field) => PROCESS_COLUMN_OF[field]),
      search
    ),
  ];
  return [
    {
      sql:
        `SELECT process_id, exe, computer, username, start_time, last_update_time FROM processes${where(conditions)} ` +
        `ORDER BY last_update_time DESC, start_time DESC, process_id${limit(MAX_OFFERED_PROCESSES)}`,
      range: rangeOf('processes', range, nowMs),
    },
  ];
}

function telemetry({ range }: TelemetryRequest, nowMs: number): LookupStatement[] {
  const flags = STREAM_TAGS.map((tag) => `max(CASE WHEN ${hasTag(tag)} THEN 1 ELSE 0 END) AS has_${tag}`);
  return [
    {
      sql:
        `SELECT s.*, p.exe, p.start_time FROM (` +
        `SELECT process_id, max(last_update_time) AS last_update, ${flags.join(', ')} FROM streams GROUP BY process_id` +
        `) AS s JOIN processes AS p ON p.process_id = s.process_id ` +
        `ORDER BY s.last_update DESC, s.process_id${limit(MAX_ITEMS)}`,
      range: rangeOf('streams', range, nowMs),
    },
  ];
}

function streams({ processId }: StreamsRequest): LookupStatement[] {
  return [
    {
      sql:
        `SELECT stream_id, tags, property_get(properties, 'thread-name') AS name FROM streams ` +
        `WHERE process_id = ${quoteLiteral(processId)} ORDER BY name, stream_id${limit(MAX_ITEMS)}`,
    },
  ];
}

function measures({ search, processId, range }: MeasuresRequest, nowMs: number): LookupStatement[] {
  const columns = 'name, unit, target, exe';
  const from = { table: 'measures', instanceId: processId };
  const rows = sample(columns, from, range, MEASURE_SAMPLE_ROWS, nowMs);
  return [
    {
      sql:
        `SELECT ${columns} FROM (${rows}) AS sampled${where(containsAny(SEARCHED_FIELDS.measures, search))} ` +
        `GROUP BY ${columns} ORDER BY ${columns}${limit(MAX_ITEMS)}`,
      range,
    },
  ];
}

const VIEW_SETS =
  'SELECT view_set_name, has_view_maker, global_instance_available FROM list_view_sets() ' +
  `ORDER BY view_set_name${limit(MAX_ITEMS)}`;

/**
 * `routines` has one row for each signature of a function. All rows of a function have the same kind, syntax and
 * description.
 */
const FUNCTIONS =
  'SELECT routine_name, max(function_type) AS kind, max(syntax_example) AS syntax, max(description) AS description ' +
  `FROM information_schema.routines GROUP BY routine_name ORDER BY routine_name${limit(MAX_FUNCTIONS)}`;

/**
 * The statements of a lookup. If the server rejects a statement because a table is missing, the next statement is used.
 *
 * @param nowMs Milliseconds since 1970.
 */
export function lookupStatements(request: LookupRequest, nowMs: number): LookupStatement[] {
  switch (request.kind) {
    case 'view-sets':
      return [{ sql: VIEW_SETS }];
    case 'functions':
      return [{ sql: FUNCTIONS }];
    case 'property-keys':
      return propertyKeys(request, nowMs);
    case 'values':
      return values(request, nowMs);
    case 'processes':
      return processes(request, nowMs);
    case 'telemetry':
      return telemetry(request, nowMs);
    case 'streams':
      return streams(request);
    case 'measures':
      return measures(request, nowMs);
  }
}
