/** Compares the meaning of queries by the parser's trees. */
import { isObject } from '../is-object';
import { StringMap } from '../string-map';
import { conjuncts } from '../sql/conjuncts';
import { replacedParts } from '../sql/parser-input';
import { type ParseStatements, parseSql, type TreeNode } from '../sql/sql-parser';

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
 * after a `*` is not replaced, because the expression at this position is not known. If the expression at a position is
 * a literal, the position is not replaced either: `GROUP BY 5` by position and by the literal 5 would be equal.
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

/**
 * The macros, variables and intervals of the SQL, sorted. They are compared separately, because the parser gets a name
 * in place of each of them.
 */
function placeholders(sql: string): string[] {
  return replacedParts(sql)
    .map(({ raw }) => raw)
    .sort();
}

/**
 * Assigns a number to the meaning of a query. One `QueryMeanings` gives queries with the same meaning the same number.
 *
 * The layout, the letter case of words without quotes, quotes around names in lower case, the order of conditions and
 * the parentheses around conditions have no effect. `GROUP BY 2` and GROUP BY with the second selected expression have
 * the same meaning.
 *
 * Each node of the tree gets a number too. The description of a node has the numbers of its children and is short, so
 * the time is linear in the size of the tree, also for deeply nested queries.
 */
export class QueryMeanings {
  readonly #parse: ParseStatements;
  /**
   * The numbers of nodes, by a description of the node. The description has the numbers of the children in place of the
   * children.
   */
  readonly #numbers = new StringMap<number>();
  readonly #numbered = new WeakMap<object, number>();

  constructor(parse: ParseStatements) {
    this.#parse = parse;
  }

  /** Undefined if the SQL cannot be parsed, for example because it is nested too deep. @throws {ParserCrashError} */
  of(sql: string): number | undefined {
    const result = parseSql(sql, this.#parse);
    return result.kind === 'parsed' && result.statement !== undefined
      ? this.#numberOf([result.statement, placeholders(sql)])
      : undefined;
  }

  #numberOf(node: TreeNode): number {
    if (!isObject(node) && !Array.isArray(node)) {
      return this.#numberFor(JSON.stringify(node ?? null));
    }
    let number = this.#numbered.get(node);
    if (number === undefined) {
      const children = Array.isArray(node) ? node.map((child) => this.#numberOf(child)) : this.#fieldsOf(node);
      number = this.#numberFor(JSON.stringify(children));
      this.#numbered.set(node, number);
    }
    return number;
  }

  #numberFor(description: string): number {
    const number = this.#numbers.get(description) ?? this.#numbers.size;
    this.#numbers.set(description, number);
    return number;
  }

  /** The numbers of the fields that change the meaning of a node. */
  #fieldsOf(node: Readonly<Record<string, TreeNode>>): Record<string, number> {
    const entries = Object.entries(node).flatMap(([key, value]) => {
      const number = value === null || value === undefined ? undefined : this.#fieldNumber(key, value, node);
      return number === undefined ? [] : [[key, number] as const];
    });
    return Object.fromEntries(entries);
  }

  #fieldNumber(key: string, value: TreeNode, owner: Readonly<Record<string, TreeNode>>): number | undefined {
    switch (key) {
      case 'span':
      case 'select_token':
        // Positions in the source.
        return undefined;
      case 'selection': {
        // The order of conditions has no meaning.
        const conditions = Array.from(conjuncts(value), (condition) => this.#numberOf(condition));
        return this.#numberFor(JSON.stringify(conditions.sort((left, right) => left - right)));
      }
      case 'quote_style':
        return undefined;
      case 'group_by':
        return this.#numberOf(withoutPositions(value, owner['projection']));
      case 'asc':
        // Ascending is the default.
        return value === true ? undefined : this.#numberOf(value);
      case 'value':
        return this.#numberOf(typeof value === 'string' && !owner['quote_style'] ? value.toLowerCase() : value);
      default:
        return this.#numberOf(value);
    }
  }
}
