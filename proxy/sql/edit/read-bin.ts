/** Reads a bin of the event time: a macro, `date_bin` with a constant width, or `date_trunc`. */
import { BIN_MACROS, binAliases } from '../../../contract/sql/macro-kinds';
import { type SqlSource } from '../../../contract/sql/query-scopes';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type LineColumn, type LinePositions, type TreeNode } from '../../../contract/sql/sql-parser';
import { type SqlToken } from '../../../contract/sql/sql-scan';
import { child, columnName, listOf, literalString, objectName } from '../../../contract/sql/syntax-tree';

/** A bin in a SELECT list. */
export interface TimeBin {
  /** The range of the bin's SQL, without an alias after AS. */
  range: SqlRange;
  /**
   * Where the width is defined: in the macro, by the interval of the panel, or by SQL such as `interval '5 minutes'`.
   * The bins are aligned to 1970, unless the macro defines another alignment.
   */
  width: 'macro' | 'panel' | { interval: string };
  /** The alias in the macro's expansion. Undefined: none. */
  alias?: string;
}

/** The SELECT to which the read expressions belong. */
export interface SelectContext {
  sql: string;
  /** The tokens without comments. */
  tokens: readonly SqlToken[];
  /** The indexes of the tokens by offset. */
  indexAt: ReadonlyMap<number, number>;
  positions: LinePositions;
  /** The only table of the SELECT. */
  source: SqlSource;
}

/** The column with the event time of a row. */
const EVENT_TIME = 'time';

/** The units of `date_trunc` whose bins all have the same length. */
const UNITS: ReadonlySet<string> = new Set(['second', 'minute', 'hour', 'day']);

/** Reads a bin. Undefined for other expressions. */
export function readBin(expr: TreeNode, context: SelectContext): TimeBin | undefined {
  const call = child(expr, 'Function');
  const name = objectName(child(call, 'name'));
  const at = name?.length === 1 ? tokenAt(context, name[0].start) : undefined;
  if (name === undefined || at === undefined || hasExtras(call)) {
    return undefined;
  }
  const args = listOf(child(call, 'args', 'List', 'args')).map((arg) => child(arg, 'Unnamed', 'Expr'));
  const { raw } = context.tokens[at];
  const range = callRange(context.tokens, at);
  if (range === undefined) {
    return undefined;
  }
  if (BIN_MACROS.includes(raw)) {
    const isOfTime = args.length >= 1 && isEventTime(args[0], context);
    return isOfTime ? { range, width: 'macro', alias: binAliases(raw, EVENT_TIME)[0] } : undefined;
  }
  if (args.length !== 2 || !isEventTime(args[1], context)) {
    return undefined;
  }
  const [width] = args;
  switch (name[0].value) {
    case 'date_bin':
      return binOf(range, width, context);
    case 'date_trunc': {
      const unit = literalString(width)?.toLowerCase() ?? '';
      return UNITS.has(unit) ? { range, width: { interval: `interval '1 ${unit}'` } } : undefined;
    }
    default:
      return undefined;
  }
}

function binOf(range: SqlRange, width: TreeNode, context: SelectContext): TimeBin | undefined {
  const interval = child(width, 'Interval');
  const literal = literalString(interval === undefined ? width : child(interval, 'value'));
  if (literal !== undefined) {
    const isPlain = ['leading_field', 'last_field', 'fractional_seconds_precision'].every(
      (field) => child(interval, field) === undefined
    );
    return isPlain && !literal.includes('$') ? { range, width: { interval: `interval '${literal}'` } } : undefined;
  }
  const [column] = columnName(width) ?? [];
  const at = column && tokenAt(context, column.start);
  return at !== undefined && context.tokens[at].raw === '$__interval' ? { range, width: 'panel' } : undefined;
}

/** True if a call has clauses in addition to its arguments, such as OVER. */
function hasExtras(call: TreeNode): boolean {
  const clauses = child(call, 'args', 'List');
  return (
    ['over', 'filter', 'null_treatment'].some((field) => child(call, field) !== undefined) ||
    listOf(child(call, 'within_group')).length > 0 ||
    child(clauses, 'duplicate_treatment') !== undefined ||
    listOf(child(clauses, 'clauses')).length > 0
  );
}

/** True for the column with the event time of the table. */
export function isEventTime(expr: TreeNode, { source, sql, positions }: SelectContext): boolean {
  const parts = columnName(expr);
  const column = parts?.at(-1);
  if (parts === undefined || column?.value !== EVENT_TIME || parts.length > 2) {
    return false;
  }
  const isOwn = parts.length === 1 || parts[0].value === source.name;
  return isOwn && !'$['.includes(sql.charAt(positions.offsetOf(parts[0].start)));
}

/** The indexes of the tokens by offset, for `SelectContext`. */
export function indexesOf(tokens: readonly SqlToken[]): ReadonlyMap<number, number> {
  return new Map<number, number>(tokens.map(({ start }, index) => [start, index]));
}

/** Index of the token at a position of the tree. Undefined if no token starts there. */
export function tokenAt({ indexAt, positions }: SelectContext, place: LineColumn): number | undefined {
  return indexAt.get(positions.offsetOf(place));
}

/**
 * The range from the name of a call to its closing parenthesis. Only the name if no parenthesis follows. Undefined if
 * the parenthesis is not closed.
 */
export function callRange(tokens: readonly SqlToken[], at: number): SqlRange | undefined {
  const { start, end } = tokens[at];
  if (tokens[at + 1]?.raw !== '(') {
    return { start, end };
  }
  let depth = 0;
  for (let index = at + 1; index < tokens.length; index++) {
    depth += tokens[index].raw === '(' ? 1 : tokens[index].raw === ')' ? -1 : 0;
    if (depth === 0) {
      return { start, end: tokens[index].end };
    }
  }
  return undefined;
}
