/**
 * The query model as it is saved in panels, alert rules and variables, and the one form that the rest of the code uses.
 *
 * Three shapes exist in saved dashboards: version 2 of the older plugin (`query`, `version: 2`), version 1 (`queryText`),
 * and the bare string of a version 1 variable. Alert rules send the saved model straight to the proxy, so both halves
 * read it with `readQuery`.
 */

export type QueryFormat = 'table' | 'time_series' | 'logs';

/** What stands in a time series where it has no row: nothing, zero, or the value before. */
export type FillMode = 'null' | 'zero' | 'previous';

/** A saved query model. Every field may be missing; unknown fields are kept when the editor saves. */
export interface MicromegasQueryFields {
  /** The SQL (version 2). */
  query?: string;
  /** The SQL (version 1). `query` wins when it is not empty. */
  queryText?: string;
  format?: QueryFormat;
  /** Sends the panel's time range beside the SQL. Missing means true. */
  timeFilter?: boolean;
  /** Truncates the answer at the panel's max data points. Missing means true in panels, false elsewhere. */
  autoLimit?: boolean;
  /** Cuts the answer at this many rows. New here. */
  rowLimit?: number;
  /** Fills the gaps of time series, one point for each interval of the panel. New here; missing means no filling. */
  fillMode?: FillMode;
  /** Columns that tell time series apart although they hold no text. New here. */
  labelColumns?: string[];
  /** Shows columns with integers beyond 2^53 as text, since browsers round them. New here; missing means false. */
  bigIntegersAsText?: boolean;
  /** False: `query` was made by the older plugin's builder from the fields below. */
  rawEditor?: boolean;
  table?: string;
  columns?: string[];
  wheres?: string[];
  orderBy?: string;
  groupBy?: string;
  limit?: string;
  version?: number | string;
  /** What the query is for when it is no panel: the proxy tells the server (`x-client-entrypoint`). */
  purpose?: 'variable' | 'annotation';
}

/** A query ready to run. */
export interface RunnableQuery {
  /** Trimmed SQL; empty when nothing was written yet. */
  sql: string;
  format: QueryFormat;
  timeFilter: boolean;
  /** Rows at which the answer is cut by the user's own wish, or undefined. */
  rowLimit: number | undefined;
  /** True when the answer is to be cut at the panel's max data points. */
  autoLimit: boolean;
  /** Undefined when gaps stay. */
  fillMode: FillMode | undefined;
  labelColumns: readonly string[];
  bigIntegersAsText: boolean;
}

const FORMATS: readonly string[] = ['table', 'time_series', 'logs'];
const FILL_MODES: readonly string[] = ['null', 'zero', 'previous'];

/** What a saved query without options has. */
const NO_OPTIONS = { fillMode: undefined, labelColumns: [], bigIntegersAsText: false };

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text).filter((item) => item !== '') : [];
}

/** Double-quotes a name that DataFusion would otherwise fold to lower case, as the older builder did. */
function builderName(name: string): string {
  return /[A-Z]/.test(name) && !name.includes('"') && /^\w+$/.test(name) ? `"${name}"` : name;
}

/** The SQL that the older plugin's builder made from its boxes; empty when no table was chosen. */
function builderSql(saved: MicromegasQueryFields): string {
  const table = text(saved.table);
  if (table === '') {
    return '';
  }
  const columns = texts(saved.columns).map(builderName);
  const wheres = texts(saved.wheres);
  const parts = [`SELECT ${columns.length > 0 ? columns.join(', ') : '*'} FROM ${builderName(table)}`];
  if (wheres.length > 0) {
    parts.push(`WHERE ${wheres.join(' and ')}`);
  }
  for (const [clause, value] of [
    ['GROUP BY', text(saved.groupBy)],
    ['ORDER BY', text(saved.orderBy)],
    ['LIMIT', text(saved.limit)],
  ]) {
    if (value !== '') {
      parts.push(`${clause} ${value}`);
    }
  }
  return parts.join(' ');
}

/** The SQL of a saved query, wherever its version kept it. Not trimmed: what was typed is what comes back. */
export function sqlOf(saved: MicromegasQueryFields): string {
  for (const candidate of [saved.query, saved.queryText]) {
    if (typeof candidate === 'string' && candidate.trim() !== '') {
      return candidate;
    }
  }
  return builderSql(saved);
}

/**
 * Reads a query of any saved version.
 *
 * @param saved The model from the dashboard: an object, or the bare SQL of an old variable. Left unmodified.
 */
export function readQuery(saved: unknown): RunnableQuery {
  if (typeof saved === 'string') {
    return {
      sql: saved.trim(),
      format: 'table',
      timeFilter: true,
      rowLimit: undefined,
      autoLimit: false,
      ...NO_OPTIONS,
    };
  }
  const fields: MicromegasQueryFields = saved !== null && typeof saved === 'object' ? saved : {};
  const isForPanel = fields.purpose !== 'variable' && fields.purpose !== 'annotation';
  const rowLimit = Number(fields.rowLimit ?? NaN);
  return {
    sql: sqlOf(fields).trim(),
    format: fields.format !== undefined && FORMATS.includes(fields.format) ? fields.format : 'table',
    timeFilter: fields.timeFilter ?? true,
    rowLimit: Number.isInteger(rowLimit) && rowLimit > 0 ? rowLimit : undefined,
    autoLimit: fields.autoLimit ?? isForPanel,
    fillMode: fields.fillMode !== undefined && FILL_MODES.includes(fields.fillMode) ? fields.fillMode : undefined,
    // Not trimmed: a column may be called anything.
    labelColumns: Array.isArray(fields.labelColumns)
      ? fields.labelColumns.filter((name) => typeof name === 'string' && name !== '')
      : [],
    bigIntegersAsText: fields.bigIntegersAsText === true,
  };
}
