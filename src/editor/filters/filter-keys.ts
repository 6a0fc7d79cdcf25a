/**
 * Keys and values for ad hoc filters: the columns and property keys of the tables that the queries read.
 *
 * The names of tables are found with the tokenizer, because the parser loads asynchronously and only with an editor. A
 * name that is not a table has no columns and gives no keys.
 *
 * The list of keys has no headings (`group`), although Grafana supports them: in Grafana 12.2, the Enter key chooses a
 * heading.
 */
import { StringSet } from '../../../contract/string-map';
import { type AdHocVariableFilter, type GetTagResponse, type MetricFindValue, type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { LEVEL_NAMES, LEVEL_TABLES } from '../../../contract/builder/condition-sql';
import { type LookupRange } from '../../../contract/resources/lookups';
import { type MicromegasQueryFields, sqlOf } from '../../../contract/queries/query';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { mentionsAggregate } from '../../../contract/sql/aggregates';
import { tokenizeSql, sqlTokenValue } from '../../../contract/sql/sql-scan';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { failureMessage, property } from '../../shared/failure-message';
import { lookupRange } from '../../shared/lookups/lookup-range';
import { type Lookups } from '../../shared/lookups/lookups';
import { type SchemaStore } from '../../shared/schema/schema-store';
import { tableNamesIn } from '../../shared/sql/sql-outline';

/** The parts of the data source that read keys and values. */
export interface KeySource {
  readonly schema: Pick<SchemaStore, 'columns'>;
  readonly lookups: Pick<Lookups, 'get'>;
}

/** The tables that are used if no table of the queries is known. */
const COMMON_TABLES = ['log_entries', 'measures', 'processes'];
/** Maximum number of tables. Few dashboards read more. A table whose columns are unknown costs one request. */
const MAX_TABLES = 12;
/** Maximum number of keys or values, because Grafana shows all of them in one list. */
const MAX_KEYS = 2000;

/** The columns by which users filter most often. They are the first keys. */
const FIRST_KEYS = ['exe', 'target', 'level', 'computer', 'name', 'msg', 'username'];

/** Order of a key in the list: columns by which users filter most often, other columns, ids. */
function keyRank(name: string): number {
  const first = FIRST_KEYS.indexOf(name);
  return first >= 0 ? first : FIRST_KEYS.length + (/(^|_)id$/.test(name) ? 1 : 0);
}

/** JSONB columns with properties. Each property is a key for filters, such as `properties.build`. */
const BAGS = ['properties', 'process_properties'];

/** A table with its columns. */
export interface Table {
  name: string;
  columns: readonly ColumnInfo[];
}

function isBag({ name }: ColumnInfo): boolean {
  return BAGS.includes(name);
}

/** False for binary and nested columns, which conditions cannot compare with a string. */
function isComparable({ type }: ColumnInfo): boolean {
  return !/Binary|List|Struct|Map/.test(type);
}

/** The SQL of a query. Empty if the query type does not use SQL. */
function usedSql(query: MicromegasQueryFields): string {
  return isViewQuery(query) ? '' : sqlOf(query);
}

/** Names of the first 12 tables that the SQL of the queries reads. Queries of a type without SQL have no tables. */
export function tableNames(queries: readonly MicromegasQueryFields[] | undefined): string[] {
  const names = (queries ?? []).flatMap((query) => tableNamesIn(usedSql(query)));
  return [...new StringSet(names)].slice(0, MAX_TABLES);
}

/** The named tables with their columns. Tables with unknown columns are left out. */
export async function tablesWithColumns(source: Pick<KeySource, 'schema'>, names: readonly string[]): Promise<Table[]> {
  const tables = await Promise.all(names.map(async (name) => ({ name, columns: await source.schema.columns(name) })));
  return tables.filter(({ columns }) => columns.length > 0);
}

/** The tables of the queries. If none of them is known, the common tables. */
async function tablesFor(
  source: KeySource,
  queries: readonly MicromegasQueryFields[] | undefined
): Promise<readonly Table[]> {
  const tables = await tablesWithColumns(source, tableNames(queries));
  return tables.length > 0 ? tables : tablesWithColumns(source, COMMON_TABLES);
}

/**
 * The error of a failed lookup, in Grafana's format. Undefined if the lookups are switched off, because the user then
 * types the values.
 */
function lookupError(reason: unknown): { message: string } | undefined {
  return property(property(reason, 'data'), 'code') === 'lookups_off'
    ? undefined
    : { message: failureMessage(reason, t('filter.lookup-failed', 'The values could not be loaded.')) };
}

/** Merges lists of keys or values, and removes duplicates. If lists failed, adds the error of the first failed list. */
async function collect(parts: ReadonlyArray<Promise<MetricFindValue[]>>): Promise<GetTagResponse> {
  const results = await Promise.allSettled(parts);
  const errors = results.map((result) => (result.status === 'rejected' ? lookupError(result.reason) : undefined));
  const error = errors.find((found) => found !== undefined);
  const seen = new StringSet();
  const data = results
    .flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
    .filter(({ value }) => !seen.has(String(value)) && seen.add(String(value)));
  return { data: data.slice(0, MAX_KEYS), ...(error && { error }) };
}

async function propertyKeys(
  source: KeySource,
  table: string,
  column: string,
  range: LookupRange
): Promise<MetricFindValue[]> {
  const { items } = await source.lookups.get({ kind: 'property-keys', table, column, range });
  return items.map(({ key }) => ({ text: `${column}.${key}`, value: `${column}.${key}` }));
}

/** False for times and for numbers with decimals, whose values differ in nearly every row. */
function isGroupable({ type }: ColumnInfo): boolean {
  return !/Timestamp|Float|Decimal/.test(type);
}

/**
 * The keys of the tables that the queries read. The order: columns by which users filter most often, other columns,
 * ids, property keys. Never rejects.
 *
 * @param use What the keys are for. Default: filters.
 */
export async function filterKeys(
  source: KeySource,
  queries: readonly MicromegasQueryFields[] | undefined,
  timeRange: TimeRange,
  use: 'filter' | 'group' = 'filter'
): Promise<GetTagResponse> {
  const range = lookupRange(timeRange);
  const tables = await tablesFor(source, queries);
  const isKey = (column: ColumnInfo) => isComparable(column) && (use === 'filter' || isGroupable(column));
  const columns = tables.flatMap((table) => table.columns.filter(isKey));
  const bags = tables.flatMap(({ name, columns: all }) =>
    all.filter(isBag).map((column) => propertyKeys(source, name, column.name, range))
  );
  const names = columns
    .map(({ name }) => ({ text: name, value: name }))
    .sort((a, b) => keyRank(a.value) - keyRank(b.value));
  return collect([Promise.resolve(names), ...bags]);
}

interface KeyColumn {
  column: string;
  property?: string;
}

/** Prefixes of keys of properties. The labels of log lines have the prefix `process.` for `process_properties`. */
const BAG_PREFIXES: ReadonlyArray<[prefix: string, column: string]> = [
  ['properties.', 'properties'],
  ['process_properties.', 'process_properties'],
  ['process.', 'process_properties'],
];

/**
 * The column or property of a key. Undefined if the table has none.
 *
 * @param isLabel True if a key without a prefix may be the label of a log line, which is a key in `properties`.
 */
function columnOfKey(key: string, { columns }: Table, isLabel: boolean): KeyColumn | undefined {
  const has = (name: string) => columns.some((column) => column.name === name);
  if (has(key)) {
    return { column: key };
  }
  for (const [prefix, column] of BAG_PREFIXES) {
    if (key.startsWith(prefix)) {
      return has(column) ? { column, property: key.slice(prefix.length) } : undefined;
    }
  }
  return isLabel && has('properties') ? { column: 'properties', property: key } : undefined;
}

/** Log levels with their names, the most severe first. The values stay numbers, because SQL compares numbers. */
function withLevelNames(levels: readonly MetricFindValue[]): MetricFindValue[] {
  return levels
    .map(({ text, value }) => ({ text: LEVEL_NAMES[Number(value) - 1] ?? text, value }))
    .sort((a, b) => Number(a.value) - Number(b.value));
}

/** Values of a key within the time range, from the first table that has the key. Never rejects. */
export async function valuesOfKey(
  source: KeySource,
  key: string,
  queries: readonly MicromegasQueryFields[] | undefined,
  timeRange: TimeRange
): Promise<GetTagResponse> {
  const range = lookupRange(timeRange);
  const tables = await tablesFor(source, queries);
  const candidates = [false, true].flatMap((isLabel) =>
    tables.map((table) => ({ table: table.name, found: columnOfKey(key, table, isLabel) }))
  );
  const { table, found } = candidates.find((candidate) => candidate.found !== undefined) ?? {};
  if (table === undefined || found === undefined) {
    return { data: [] };
  }
  const areLevels = found.column === 'level' && LEVEL_TABLES.includes(table);
  const values = source.lookups
    .get({ kind: 'values', table, ...found, range })
    .then(({ items }) => items.map(({ value }) => ({ text: value, value })));
  return collect([areLevels ? values.then(withLevelNames) : values]);
}

/**
 * Whether a key applies to a panel. Grafana 13 marks filters that do not apply. Grafana before 12.4 lacks this type.
 */
export interface Applicability {
  key: string;
  applicable: boolean;
  reason?: string;
  origin?: string;
}

/**
 * The names in the SQL of the queries, in lower case. Words in strings and comments are not names. Aliases of columns
 * are included, because the backend finds the column of an alias.
 */
function namesIn(queries: readonly MicromegasQueryFields[]): ReadonlySet<string> {
  const tokens = queries.flatMap((query) => tokenizeSql(usedSql(query)));
  const names = tokens.filter(({ kind }) => kind === 'word' || kind === 'quoted-name');
  return new StringSet(names.map((token) => sqlTokenValue(token).toLowerCase()));
}

/** Returns the reason why a key does not apply. Undefined if the key applies, or if the columns are unknown. */
type Verdict = (key: string) => string | undefined;

/**
 * Returns the `Verdict` for queries with SQL: a key applies if it is a column of the tables, or a name in the SQL.
 *
 * @param hasLabels True if a key without a prefix may be the label of a log line.
 */
function columnVerdict(
  queries: readonly MicromegasQueryFields[],
  tables: readonly Table[],
  hasLabels: boolean
): Verdict {
  const names = namesIn(queries);
  return (key) =>
    tables.length === 0 ||
    tables.some((table) => columnOfKey(key, table, hasLabels) !== undefined) ||
    names.has(key.toLowerCase())
      ? undefined
      : t('filter.no-column', 'No table of this query has the column {{key}}. Its tables: {{tables}}.', {
          key,
          tables: tables.map(({ name }) => name).join(', '),
          interpolation: { escapeValue: false },
        });
}

function applicability(key: string, reason: string | undefined, origin?: string): Applicability {
  return {
    key,
    applicable: reason === undefined,
    ...(origin !== undefined && { origin }),
    ...(reason !== undefined && { reason }),
  };
}

/**
 * Tells for each key whether a query has a column for it. If the queries or the columns of their tables are unknown,
 * the key counts as applicable. Never rejects.
 */
export async function filterApplicability(
  source: Pick<KeySource, 'schema'>,
  queries: readonly MicromegasQueryFields[],
  filters: ReadonlyArray<Pick<AdHocVariableFilter, 'key' | 'origin'>>
): Promise<Applicability[]> {
  const tables = await tablesWithColumns(source, tableNames(queries));
  const hasLabels = queries.some((query) => query.format === 'logs' && !isViewQuery(query));
  const hasSql = queries.length === 0 || !queries.every(isViewQuery);
  const verdict = hasSql
    ? columnVerdict(queries, tables, hasLabels)
    : () => t('filter.no-sql', 'Filters are conditions on columns of SQL, and this panel has no SQL.');
  return filters.map(({ key, origin }) => applicability(key, verdict(key), origin));
}

/** The aggregating queries. Groups apply only to these queries. */
export function aggregating(queries: readonly MicromegasQueryFields[]): MicromegasQueryFields[] {
  return queries.filter((query) => mentionsAggregate(usedSql(query)));
}

/**
 * Tells for each key whether an aggregating query has a column for it. If the queries are unknown, each key counts as
 * applicable. Never rejects.
 */
export async function groupingApplicability(
  source: Pick<KeySource, 'schema'>,
  queries: readonly MicromegasQueryFields[],
  keys: readonly string[]
): Promise<Applicability[]> {
  const grouped = aggregating(queries);
  const tables = await tablesWithColumns(source, tableNames(grouped));
  const verdict =
    queries.length === 0 || grouped.length > 0
      ? columnVerdict(grouped, tables, false)
      : () => t('filter.no-aggregate', 'This panel shows rows that are not aggregated, so they have no groups.');
  return keys.map((key) => applicability(key, verdict(key)));
}
