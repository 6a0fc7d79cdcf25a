/** Makes a string from the parser's tree of a query. Queries with equal strings have the same meaning. */
import { isObject } from '../is-object';
import { tokenizeSql } from '../sql/sql-scan';
import { type ParseStatements, parseSql, type TreeNode } from '../sql/sql-parser';

/** The operands of AND, also of nested ANDs, without the parentheses around an operand. */
function conjuncts(node: TreeNode): TreeNode[] {
  if (isObject(node) && isObject(node['Nested'])) {
    return conjuncts(node['Nested']);
  }
  const operator = isObject(node) ? node['BinaryOp'] : undefined;
  return isObject(operator) && operator['op'] === 'And'
    ? [...conjuncts(operator['left']), ...conjuncts(operator['right'])]
    : [node];
}

/** Fields with positions in the source, which do not change the meaning. */
const PLACES = new Set(['span', 'select_token']);

function field(key: string, value: TreeNode, owner: Record<string, TreeNode>): TreeNode {
  switch (key) {
    case 'selection':
      // The order of conditions has no meaning.
      return value === null || value === undefined
        ? undefined
        : conjuncts(value)
            .map((condition) => JSON.stringify(plain(condition)))
            .sort();
    case 'quote_style':
      return undefined;
    case 'group_by':
      return plain(withoutPositions(value, owner['projection']));
    case 'asc':
      // Ascending is the default.
      return value === true ? undefined : value;
    case 'value':
      return typeof value === 'string' && !owner['quote_style'] ? value.toLowerCase() : plain(value);
    default:
      return plain(value);
  }
}

/** The expression of a SELECT item. Undefined for another item, such as `*`. */
function selectedExpression(item: TreeNode): TreeNode {
  if (!isObject(item)) {
    return undefined;
  }
  const named = item['ExprWithAlias'];
  return isObject(named) ? named['expr'] : item['UnnamedExpr'];
}

/** The number in `GROUP BY 2`. Undefined for another expression. */
function positionOf(expression: TreeNode): number | undefined {
  const literal = isObject(expression) ? expression['Value'] : undefined;
  const value = isObject(literal) ? literal['value'] : undefined;
  const number = isObject(value) ? value['Number'] : undefined;
  return Array.isArray(number) ? Number(number[0]) : undefined;
}

/**
 * Replaces the positions in a GROUP BY clause, such as `GROUP BY 2`, by the expressions of the SELECT list. A position
 * after a `*` is not replaced, because its expression is not known. The position of a literal is not replaced, because
 * a literal number in GROUP BY would be read as a position.
 */
function withoutPositions(groupBy: TreeNode, projection: TreeNode): TreeNode {
  const lists = isObject(groupBy) ? groupBy['Expressions'] : undefined;
  if (!Array.isArray(lists) || !Array.isArray(lists[0]) || !Array.isArray(projection)) {
    return groupBy;
  }
  const selected = projection.map(selectedExpression);
  const star = selected.indexOf(undefined);
  const known = star < 0 ? selected : selected.slice(0, star);
  const [groups, ...modifiers]: TreeNode[][] = lists;
  const resolved = groups.map((group) => {
    const expression = known[(positionOf(group) ?? 0) - 1];
    return expression === undefined || (isObject(expression) && 'Value' in expression) ? group : expression;
  });
  return { Expressions: [resolved, ...modifiers] };
}

/** The tree without parts that do not change the meaning, such as source positions and the letter case of names. */
function plain(node: TreeNode): TreeNode {
  if (Array.isArray(node)) {
    return node.map(plain);
  }
  if (!isObject(node)) {
    return node;
  }
  const entries = Object.entries(node).flatMap(([key, value]) => {
    const kept = PLACES.has(key) ? undefined : field(key, value, node);
    return kept === null || kept === undefined ? [] : [[key, kept] as const];
  });
  return Object.fromEntries(entries);
}

/** The macros and variables of the SQL, sorted. They are not in the tree: the parser gets names in their place. */
function placeholders(sql: string): string[] {
  const raws = tokenizeSql(sql).flatMap(({ kind, raw }) => (kind === 'placeholder' ? [raw] : []));
  return raws.sort();
}

/**
 * A string that is equal for queries with the same meaning. The layout, the letter case of words without quotes, quotes
 * around names in lower case, the order of conditions and the parentheses around conditions have no effect.
 * `GROUP BY 2` is equal to GROUP BY with the second selected expression. Undefined for SQL that cannot be parsed, or
 * that is nested too deep for the parser.
 *
 * @throws {ParserCrashError}
 */
export function meaningOf(sql: string, parse: ParseStatements): string | undefined {
  const result = parseSql(sql, parse);
  return result.kind === 'parsed' && result.statement !== undefined
    ? JSON.stringify([plain(result.statement), placeholders(sql)])
    : undefined;
}
