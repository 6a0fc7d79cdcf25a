/**
 * Checks the types and bounds of the fields of a saved query. Every user who may run queries can send any JSON, so the
 * backend checks a query before it runs the query. Fields without a rule in this file are not checked here.
 *
 * A missing field, null and an empty string mean the same. Some tools that write dashboards save numbers and booleans
 * as strings, so `rowLimit: "10"` and `timeFilter: "true"` are valid. The fields of the older plugin's builder
 * (`table`, `columns`, …) are checked only if the query has no SQL.
 */
import { isTailRequest } from '../logs/tail-request';
import { isLogContextRequest } from '../logs/log-context';
import { isLogPageRequest } from '../logs/log-page';
import { message, type Message, type MessageValue } from '../messages/message';
import { isQueryFilter } from './query-filter';
import { isGroupKeys } from './query-grouping';
import { isRequestOf, type ViewQueryType, typeOfQuery, VIEW_TYPES } from '../query-types/view-request';
import { isSupplementaryRequest, MAX_LEGEND_CHARACTERS, type MicromegasQueryFields, readFlag } from './query';
import { olderBuilderSql } from '../builder/older-sql';

/** Maximum number of bytes of a whole saved query as JSON. */
export const MAX_MODEL_BYTES = 4 * 1024 * 1024;
/**
 * Maximum number of UTF-16 units of the SQL. A query usually has a few KB. A dashboard variable with thousands of
 * values can add about 100 KB.
 */
export const MAX_SQL_CHARACTERS = 1024 * 1024;
/** Maximum number of names in `labelColumns`. */
export const MAX_LABEL_COLUMNS = 100;
/** Maximum number of UTF-16 units of a column name. */
const MAX_COLUMN_CHARACTERS = 1000;
/** Maximum number of UTF-16 units of a string in the fields of the older plugin's builder. */
const MAX_BUILDER_CHARACTERS = 100_000;
/** Maximum number of entries of `columns`, and of `wheres`. */
const MAX_BUILDER_ENTRIES = 1000;
/** Maximum number of filters in `filters`, and of filters in `adHocFilters`. */
export const MAX_FILTERS = 100;
/** Maximum number of values of one filter. */
export const MAX_FILTER_VALUES = 1000;
/** Maximum number of UTF-16 units of the key or of a value of a filter. */
const MAX_FILTER_CHARACTERS = 10_000;
/** Maximum number of UTF-16 units of a short string, such as the format or the time zone. */
const MAX_WORD_CHARACTERS = 100;

/** Why a saved query cannot be run. */
export interface QueryProblem {
  kind: 'too-long' | 'invalid';
  /** Names the invalid field. If the query is not an object, says this instead. */
  message: Message;
}

/**
 * Returns the problem of a value, as the end of a sentence that begins with the name of the field. Undefined for a
 * valid value.
 */
type Check = (value: unknown) => Message | undefined;

const count = (value: number) => value.toLocaleString('en-US');

const string =
  (maxCharacters: number): Check =>
  (value) =>
    typeof value !== 'string'
      ? message('value-not-text', { kind: kindOf(value) })
      : value.length > maxCharacters
        ? message('value-too-long', { count: count(value.length), max: count(maxCharacters) })
        : undefined;

const stringOrNumber =
  (maxCharacters: number): Check =>
  (value) =>
    typeof value === 'number' ? undefined : string(maxCharacters)(value);

const entryString =
  (maxCharacters: number): Check =>
  (value) =>
    value === null ? undefined : stringOrNumber(maxCharacters)(value);

const oneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? undefined : message('value-unknown', { words });

const flag: Check = (value) =>
  readFlag(value) === undefined ? message('value-not-boolean', { kind: kindOf(value) }) : undefined;

const list =
  (maxEntries: number, entry: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) {
      return message('value-not-list', { kind: kindOf(value) });
    }
    if (value.length > maxEntries) {
      return message('value-too-many', { count: count(value.length), max: count(maxEntries) });
    }
    for (const [index, item] of value.entries()) {
      const problem = entry(item);
      if (problem !== undefined) {
        return message('value-entry', { number: index + 1, problem });
      }
    }
    return undefined;
  };

const rows: Check = (value) =>
  (typeof value === 'number' || typeof value === 'string') && Number.isFinite(Number(value))
    ? undefined
    : message('value-not-number');

/** Also accepts a single string in place of a list, for example the name of one column. */
const listOrString = (maxEntries: number, maxCharacters: number): Check => {
  const ofList = list(maxEntries, entryString(maxCharacters));
  return (value) => (typeof value === 'string' ? string(maxCharacters) : ofList)(value);
};

const filter: Check = (value) =>
  !isQueryFilter(value)
    ? message('value-not-filter')
    : (string(MAX_FILTER_CHARACTERS)(value.key) ??
      string(MAX_FILTER_CHARACTERS)(value.value) ??
      list(MAX_FILTER_VALUES, string(MAX_FILTER_CHARACTERS))(value.values ?? []));

const logContext: Check = (value) => (isLogContextRequest(value) ? undefined : message('value-not-log-context'));

const filterList = list(MAX_FILTERS, filter);

const groupKeys: Check = (value) => (isGroupKeys(value) ? undefined : message('value-not-group-keys'));

const supplementary: Check = (value) =>
  isSupplementaryRequest(value) ? undefined : message('value-not-supplementary');

const logPage: Check = (value) => (isLogPageRequest(value) ? undefined : message('value-not-log-page'));
const tail: Check = (value) => (isTailRequest(value) ? undefined : message('value-not-tail'));

/** The type of a value, as a sentence names it: `a list`. */
function kindOf(value: unknown): MessageValue {
  if (value === null) {
    return message('kind-null');
  }
  if (Array.isArray(value)) {
    return message('kind-list');
  }
  return typeof value === 'object' ? message('kind-object') : message('kind-other', { type: typeof value });
}

interface Rule {
  /** The label of the field in the query editor or in Grafana. */
  label: string;
  check: Check;
}

/** The rule for the request of a view query, which has a request, for example for traces, instead of SQL. */
function viewRule(type: ViewQueryType): Rule {
  const check: Check = (value) => (isRequestOf(type, value) ? undefined : message('value-not-typed-request'));
  return { label: VIEW_TYPES[type].label, check };
}

type Rules = Readonly<Partial<Record<keyof MicromegasQueryFields | 'hide', Rule>>>;

const RULES: Rules = {
  // Some data sources, such as Athena and BigQuery, save a number here. The number remains when the data source of a
  // panel is changed.
  format: { label: 'Format', check: stringOrNumber(MAX_WORD_CHARACTERS) },
  timeFilter: { label: 'Time filter', check: flag },
  autoLimit: { label: 'Auto limit', check: flag },
  rowLimit: { label: 'Row limit', check: rows },
  fillMode: { label: 'Fill gaps', check: oneOf('null', 'zero', 'previous') },
  labelColumns: { label: 'Label columns', check: listOrString(MAX_LABEL_COLUMNS, MAX_COLUMN_CHARACTERS) },
  bigIntegersAsText: { label: 'Big integers as text', check: flag },
  filters: { label: 'Filters', check: filterList },
  adHocFilters: { label: 'Ad hoc filters', check: filterList },
  groupByKeys: { label: 'Group by', check: groupKeys },
  // Loki saves other values, such as `scan`. These values remain when the data source of a panel is changed.
  direction: { label: 'Direction', check: string(MAX_WORD_CHARACTERS) },
  timezone: { label: 'Time zone', check: string(MAX_WORD_CHARACTERS) },
  legend: { label: 'Legend', check: string(MAX_LEGEND_CHARACTERS) },
  logContext: { label: 'Log context', check: logContext },
  purpose: { label: 'Purpose', check: string(MAX_WORD_CHARACTERS) },
  supplementary: { label: 'Supplementary request', check: supplementary },
  logPage: { label: 'Log page', check: logPage },
  tail: { label: 'Live tail', check: tail },
  hide: { label: 'Hidden', check: flag },
};

/** Rules for the fields of the older plugin's builder. If a query has no SQL, the SQL is made from these fields. */
const BUILDER_RULES: Rules = {
  table: { label: 'Table', check: string(MAX_BUILDER_CHARACTERS) },
  columns: { label: 'Columns', check: list(MAX_BUILDER_ENTRIES, entryString(MAX_BUILDER_CHARACTERS)) },
  wheres: { label: 'Where', check: list(MAX_BUILDER_ENTRIES, entryString(MAX_BUILDER_CHARACTERS)) },
  orderBy: { label: 'Order by', check: string(MAX_BUILDER_CHARACTERS) },
  groupBy: { label: 'Group by', check: string(MAX_BUILDER_CHARACTERS) },
  limit: { label: 'Limit', check: stringOrNumber(MAX_BUILDER_CHARACTERS) },
};

const SQL_FIELDS = ['query', 'queryText'] as const;

function sqlProblem(field: string, value: unknown): QueryProblem | undefined {
  const problem = string(MAX_SQL_CHARACTERS)(value);
  return problem === undefined
    ? undefined
    : {
        kind: typeof value === 'string' ? 'too-long' : 'invalid',
        message: message('query-sql-invalid', { name: field, problem }),
      };
}

/**
 * The problem of the first invalid field. Undefined for a valid query.
 *
 * @param saved A query as parsed JSON: an object or, for an old variable, a string with the SQL.
 */
export function queryProblem(saved: unknown): QueryProblem | undefined {
  if (typeof saved === 'string') {
    return sqlProblem('query', saved);
  }
  if (saved === null || typeof saved !== 'object' || Array.isArray(saved)) {
    return { kind: 'invalid', message: message('query-not-object', { kind: kindOf(saved) }) };
  }
  const fields: Record<string, unknown> = { ...saved };
  for (const field of SQL_FIELDS) {
    const value = fields[field] ?? undefined;
    const problem = value === undefined ? undefined : sqlProblem(field, value);
    if (problem !== undefined) {
      return problem;
    }
  }
  const type = typeOfQuery(fields);
  return (
    ruleProblem(fields, RULES) ??
    (type === undefined
      ? hasSql(fields)
        ? undefined
        : builderProblem(fields)
      : ruleProblem(fields, { [type]: viewRule(type) }))
  );
}

function hasSql(fields: Record<string, unknown>): boolean {
  return SQL_FIELDS.some((field) => typeof fields[field] === 'string' && fields[field].trim() !== '');
}

function builderProblem(fields: Record<string, unknown>): QueryProblem | undefined {
  const sql = olderBuilderSql(fields);
  // If the table is missing, the fields make no SQL, and may belong to another data source.
  return sql === '' ? undefined : (ruleProblem(fields, BUILDER_RULES) ?? sqlProblem('table, columns, wheres', sql));
}

function ruleProblem(fields: Record<string, unknown>, rules: Rules): QueryProblem | undefined {
  for (const [field, { label, check }] of Object.entries(rules)) {
    const value = fields[field] ?? '';
    const problem = value === '' ? undefined : check(value);
    if (problem !== undefined) {
      return { kind: 'invalid', message: message('query-field-invalid', { label, name: field, problem }) };
    }
  }
  return undefined;
}
