/** The type of suggestions of the SQL editor, and the suggestions that do not depend on the query. */
import { t } from '@grafana/i18n';
import { macroArguments, MACROS, formatMacro } from '../../../contract/sql/macros';
import { type BinMacroName } from '../../../contract/sql/macro-kinds';
import { type FunctionInfo } from '../../shared/sql/functions';

export type SuggestionKind = 'value' | 'column' | 'table' | 'function' | 'macro' | 'variable' | 'keyword';

/** One line of the list, independent of Monaco. */
export interface Suggestion {
  label: string;
  /** What to insert. In a snippet, `$0` or `${0:selected text}` marks the cursor, and `\$` is a plain dollar sign. */
  insertText: string;
  isSnippet: boolean;
  kind: SuggestionKind;
  /** Short description beside the label. */
  detail?: string;
  documentation?: string;
  /** The string with which the editor compares the typed text. Default: the label. */
  filterText?: string;
  /** True if the editor shows the next suggestions as soon as this suggestion is inserted. */
  isContinued?: boolean;
}

const EXPRESSION_WORDS =
  'FROM|AND|OR|NOT|IN|LIKE|ILIKE|BETWEEN|IS NULL|IS NOT NULL|CASE|WHEN|THEN|ELSE|END|AS|ASC|DESC|DISTINCT|OVER|PARTITION BY|INTERVAL|TIMESTAMP|NULL|TRUE|FALSE|SELECT'.split(
    '|'
  );
const CLAUSE_WORDS =
  'WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|JOIN|LEFT JOIN|INNER JOIN|CROSS JOIN|ON|USING|AS|UNION ALL'.split('|');

function keywords(words: readonly string[]): Suggestion[] {
  return words.map((word) => ({ label: word, insertText: word, isSnippet: false, kind: 'keyword' }));
}

/** Keywords with which a statement begins. */
export const STATEMENTS = keywords(['SELECT', 'WITH', 'EXPLAIN', 'SHOW TABLES']);
/** Keywords that may follow a table. */
export const CLAUSES = keywords(CLAUSE_WORDS);
/** Keywords in and after an expression. */
export const EXPRESSION_KEYWORDS = keywords([...new Set([...EXPRESSION_WORDS, ...CLAUSE_WORDS])]);

/** Escapes a string that a snippet of the editor inserts literally. */
export function escapeSnippet(value: string): string {
  return value.replace(/[\\$}]/g, '\\$&');
}

/**
 * Snippets with a call of each function. The cursor is placed between the parentheses, even if there are no arguments.
 */
export function functionSuggestions(list: readonly FunctionInfo[]): Suggestion[] {
  return list.map(({ name, args, description }) => ({
    label: name,
    insertText: `${name}($0)`,
    isSnippet: true,
    kind: 'function',
    detail: args === '' ? description : `(${args})`,
    documentation: description,
  }));
}

/**
 * The snippet of the arguments. If a time column is the only required argument, the editor selects it, so that the
 * author can replace it.
 */
function argumentSnippet([first, ...others]: readonly string[], timeColumn: string | undefined): string {
  if (first !== 'column' || timeColumn === undefined) {
    return '$0';
  }
  const column = escapeSnippet(timeColumn);
  return others.some((arg) => !arg.endsWith('?')) ? `${column}, $0` : `\${0:${column}}`;
}

/**
 * Snippets with each macro and its arguments.
 *
 * @param timeColumn The time column of the query as it is written in SQL, the first argument of many macros. Undefined
 *   if it is unknown.
 */
export function macroSuggestions(timeColumn?: string): Suggestion[] {
  return MACROS.map((macro) => {
    const name = escapeSnippet(formatMacro(macro));
    const args = macroArguments(macro);
    return {
      label: formatMacro(macro),
      insertText: args === undefined ? name : `${name}(${argumentSnippet(macro.args, timeColumn)})`,
      isSnippet: true,
      kind: 'macro',
      detail: args === undefined ? t('sql.completion.macro', 'macro') : `(${args})`,
      documentation: macro.description,
    };
  });
}

const GROUP_INTERVALS = ['auto', '10s', '1m', '5m', '15m', '1h', '1d'];
const DATE_INTERVALS = ['auto', '1m', '5m', '1h', '1d', '1w', '1M'];
/** Suggested intervals for the macros of time bins. */
const BIN_INTERVALS: Readonly<Record<BinMacroName, readonly string[]>> = {
  timeGroup: GROUP_INTERVALS,
  timeGroupAlias: GROUP_INTERVALS,
  dateBin: DATE_INTERVALS,
  dateBinAlias: DATE_INTERVALS,
};

/** Arguments in quotes that a function or a macro accepts, by its name and by the index of the argument. */
const ARGUMENTS: Readonly<Record<string, Readonly<Record<number, readonly string[]>>>> = {
  date_trunc: { 0: ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] },
  date_part: { 0: ['second', 'minute', 'hour', 'day', 'dow', 'doy', 'week', 'month', 'quarter', 'year', 'epoch'] },
  date_bin: { 0: ['1 second', '10 seconds', '1 minute', '5 minutes', '15 minutes', '1 hour', '1 day'] },
  process_spans: { 1: ['thread', 'async', 'both'] },
  perfetto_trace_chunks: { 1: ['thread', 'async', 'both'] },
  encode: { 1: ['hex', 'base64'] },
  decode: { 1: ['hex', 'base64'] },
  arrow_cast: { 1: ['Utf8', 'Int64', 'Float64', 'Boolean', 'Timestamp(Nanosecond, None)'] },
  color_scale: { 0: ['viridis', 'magma', 'plasma', 'inferno', 'cividis', 'turbo'] },
  $__timeShift: { 1: ['1h', '1d', '1w'] },
  ...Object.fromEntries(Object.entries(BIN_INTERVALS).map(([name, intervals]) => [`$__${name}`, { 1: intervals }])),
};

/** Fixed values of an argument of a function. Empty if there are none. */
export function fixedArguments(name: string, index: number): readonly string[] {
  return Object.hasOwn(ARGUMENTS, name) ? (ARGUMENTS[name][index] ?? []) : [];
}
