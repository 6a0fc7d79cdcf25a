/**
 * What each field of a saved query may hold. Whoever may run a query can send any model, so the proxy checks it before it
 * uses a field. Fields that are not listed are not used; the size of the whole model bounds them.
 *
 * Missing, null and an emptied text are the same in all fields. Tools that write dashboards save numbers and switches as
 * text; `readQuery` takes both. The fields of the older plugin's builder count only where no SQL was saved.
 */
import { builderSql, readFlag, type MicromegasQueryFields } from './query';

/** Bytes of the whole model as JSON. */
export const MAX_MODEL_BYTES = 4 * 1024 * 1024;
/** UTF-16 units of the SQL. Queries of a few KB are usual, and some 100 KB where a variable has thousands of values. */
export const MAX_SQL_CHARACTERS = 1024 * 1024;
export const MAX_LABEL_COLUMNS = 100;
/** Of the name of a column, in UTF-16 units. */
const MAX_COLUMN_CHARACTERS = 1000;
/** Of a box of the older plugin's builder, and of an entry in one of its lists. */
const MAX_BUILDER_CHARACTERS = 100_000;
const MAX_BUILDER_ENTRIES = 1000;
/** Of a word that is one of a few. */
const MAX_WORD_CHARACTERS = 100;

/** Why a model cannot be run. */
export interface QueryProblem {
  kind: 'too-long' | 'invalid';
  /** A sentence that names the field as the editor does, and as the model does. */
  text: string;
}

/** The end of a sentence that begins with the field, or undefined for a value that can be used. */
type Check = (value: unknown) => string | undefined;

const count = (value: number) => value.toLocaleString('en-US');

const text =
  (maxCharacters: number): Check =>
  (value) =>
    typeof value !== 'string'
      ? `is no text, but ${kindOf(value)}`
      : value.length > maxCharacters
        ? `has ${count(value.length)} characters; at most ${count(maxCharacters)} are allowed`
        : undefined;

const textOrNumber =
  (maxCharacters: number): Check =>
  (value) =>
    typeof value === 'number' ? undefined : text(maxCharacters)(value);

const entryText =
  (maxCharacters: number): Check =>
  (value) =>
    value === null ? undefined : textOrNumber(maxCharacters)(value);

const oneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? undefined : `is none of ${words.join(', ')}`;

const flag: Check = (value) =>
  readFlag(value) === undefined ? `is neither true nor false, but ${kindOf(value)}` : undefined;

const list =
  (maxEntries: number, entry: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) {
      return `is no list, but ${kindOf(value)}`;
    }
    if (value.length > maxEntries) {
      return `has ${count(value.length)} entries; at most ${count(maxEntries)} are allowed`;
    }
    const wrong = value.findIndex((item) => entry(item) !== undefined);
    return wrong < 0 ? undefined : `has an entry, number ${wrong + 1}, that ${entry(value[wrong])}`;
  };

const rows: Check = (value) =>
  (typeof value === 'number' || typeof value === 'string') && Number.isFinite(Number(value))
    ? undefined
    : 'is no number';

/** One column may be saved without a list around it. */
const listOrText = (maxEntries: number, maxCharacters: number): Check => {
  const ofList = list(maxEntries, entryText(maxCharacters));
  return (value) => (typeof value === 'string' ? text(maxCharacters) : ofList)(value);
};

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

interface Rule {
  /** As the query editor or Grafana calls it. */
  label: string;
  check: Check;
}

type Rules = Readonly<Partial<Record<keyof MicromegasQueryFields | 'hide', Rule>>>;

const RULES: Rules = {
  // Athena, BigQuery and others have a number here, which stays when a panel changes its data source.
  format: { label: 'Format', check: textOrNumber(MAX_WORD_CHARACTERS) },
  timeFilter: { label: 'Time filter', check: flag },
  autoLimit: { label: 'Auto limit', check: flag },
  rowLimit: { label: 'Row limit', check: rows },
  fillMode: { label: 'Fill gaps', check: oneOf('null', 'zero', 'previous') },
  labelColumns: { label: 'Label columns', check: listOrText(MAX_LABEL_COLUMNS, MAX_COLUMN_CHARACTERS) },
  bigIntegersAsText: { label: 'Big integers as text', check: flag },
  purpose: { label: 'Purpose', check: text(MAX_WORD_CHARACTERS) },
  hide: { label: 'Hidden', check: flag },
};

/** The boxes of the older plugin's builder, which make the SQL where none was saved. */
const BUILDER_RULES: Rules = {
  table: { label: 'Table', check: text(MAX_BUILDER_CHARACTERS) },
  columns: { label: 'Columns', check: list(MAX_BUILDER_ENTRIES, entryText(MAX_BUILDER_CHARACTERS)) },
  wheres: { label: 'Where', check: list(MAX_BUILDER_ENTRIES, entryText(MAX_BUILDER_CHARACTERS)) },
  orderBy: { label: 'Order by', check: text(MAX_BUILDER_CHARACTERS) },
  groupBy: { label: 'Group by', check: text(MAX_BUILDER_CHARACTERS) },
  limit: { label: 'Limit', check: textOrNumber(MAX_BUILDER_CHARACTERS) },
};

const SQL_FIELDS = ['query', 'queryText'] as const;

function sqlProblem(field: string, value: unknown): QueryProblem | undefined {
  const problem = text(MAX_SQL_CHARACTERS)(value);
  return problem === undefined
    ? undefined
    : { kind: typeof value === 'string' ? 'too-long' : 'invalid', text: `The SQL (${field}) ${problem}.` };
}

/**
 * The first field of a saved model that cannot be used, or undefined. Costs no more than the listed fields are long.
 *
 * @param saved As parsed from JSON: an object, or the bare SQL of an old variable.
 */
export function queryProblem(saved: unknown): QueryProblem | undefined {
  if (typeof saved === 'string') {
    return sqlProblem('query', saved);
  }
  if (saved === null || typeof saved !== 'object' || Array.isArray(saved)) {
    return { kind: 'invalid', text: `The query is no object, but ${saved === null ? 'empty' : kindOf(saved)}.` };
  }
  const fields: Record<string, unknown> = { ...saved };
  for (const field of SQL_FIELDS) {
    const value = fields[field] ?? undefined;
    const problem = value === undefined ? undefined : sqlProblem(field, value);
    if (problem !== undefined) {
      return problem;
    }
  }
  return ruleProblem(fields, RULES) ?? (hasSql(fields) ? undefined : builderProblem(fields));
}

function hasSql(fields: Record<string, unknown>): boolean {
  return SQL_FIELDS.some((field) => typeof fields[field] === 'string' && fields[field].trim() !== '');
}

function builderProblem(fields: Record<string, unknown>): QueryProblem | undefined {
  const sql = builderSql(fields);
  // Without a table there is nothing to run, whatever another data source has left in the other fields.
  return sql === '' ? undefined : (ruleProblem(fields, BUILDER_RULES) ?? sqlProblem('table, columns, wheres', sql));
}

function ruleProblem(fields: Record<string, unknown>, rules: Rules): QueryProblem | undefined {
  for (const [field, { label, check }] of Object.entries(rules)) {
    const value = fields[field] ?? '';
    const problem = value === '' ? undefined : check(value);
    if (problem !== undefined) {
      return { kind: 'invalid', text: `${label} (${field}) ${problem}.` };
    }
  }
  return undefined;
}
