/** Finds the conditions of a SELECT that only repeat the time range of the query, such as `$__timeFilter(time)`. */
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type TreeNode } from '../../../contract/sql/sql-parser';
import { child, columnName, listOf, objectName } from '../../../contract/sql/syntax-tree';
import { TIME_CONDITION_MACROS } from '../../../contract/sql/macro-kinds';
import { conjuncts } from '../../../contract/sql/conjuncts';
import { callRange, isEventTime, type SelectContext, tokenAt } from './read-bin';

const CONDITIONS: ReadonlySet<string> = new Set(TIME_CONDITION_MACROS);
const FROM = '$__timeFrom';
const TO = '$__timeTo';

/**
 * The conditions on the time range.
 *
 * @param condition The condition after WHERE.
 * @returns Operands of AND, in the order of the SQL.
 */
export function readTimeConditions(condition: TreeNode, context: SelectContext): SqlRange[] {
  const found: SqlRange[] = [];
  for (const node of conjuncts(condition)) {
    const range =
      conditionMacro(node, context) ?? comparison(child(node, 'BinaryOp'), context) ?? between(node, context);
    found.push(...(range === undefined ? [] : [range]));
  }
  return found.sort((a, b) => a.start - b.start);
}

/** `$__timeFilter(time)` */
function conditionMacro(node: TreeNode, context: SelectContext): SqlRange | undefined {
  const args = listOf(child(node, 'Function', 'args', 'List', 'args'));
  const macro = macroOf(node, context);
  return macro !== undefined &&
    CONDITIONS.has(macro.raw) &&
    args.length === 1 &&
    isEventTime(child(args[0], 'Unnamed', 'Expr'), context)
    ? macro.range
    : undefined;
}

/** `time >= $__timeFrom()`. `>` is not accepted, because it excludes the rows at the start of the range. */
function comparison(operation: TreeNode, context: SelectContext): SqlRange | undefined {
  const op = child(operation, 'op');
  const point = op === 'GtEq' ? FROM : op === 'LtEq' || op === 'Lt' ? TO : undefined;
  const macro = macroOf(child(operation, 'right'), context);
  return point !== undefined && macro?.raw === point
    ? fromColumn(child(operation, 'left'), macro.range, context)
    : undefined;
}

/** `time BETWEEN $__timeFrom() AND $__timeTo()` */
function between(node: TreeNode, context: SelectContext): SqlRange | undefined {
  const content = child(node, 'Between');
  const low = macroOf(child(content, 'low'), context);
  const high = macroOf(child(content, 'high'), context);
  return child(content, 'negated') === false && low?.raw === FROM && high?.raw === TO
    ? fromColumn(child(content, 'expr'), high.range, context)
    : undefined;
}

/** The range of the SQL from the event time to the end of the macro. Undefined if the column is not the event time. */
function fromColumn(expr: TreeNode, macro: SqlRange, context: SelectContext): SqlRange | undefined {
  const [first] = columnName(expr) ?? [];
  return first !== undefined && isEventTime(expr, context)
    ? { start: context.positions.offsetOf(first.start), end: macro.end }
    : undefined;
}

function macroOf(node: TreeNode, context: SelectContext): { raw: string; range: SqlRange } | undefined {
  const [name] = objectName(child(node, 'Function', 'name')) ?? columnName(node) ?? [];
  const at = name && tokenAt(context, name.start);
  const range = at === undefined ? undefined : callRange(context.tokens, at);
  return at === undefined || range === undefined ? undefined : { raw: context.tokens[at].raw, range };
}
