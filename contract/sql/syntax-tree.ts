/**
 * Reads nodes of the parser's tree. The tree has no types: an enum of Rust is a string, or an object with the variant
 * as its only key. A missing value is undefined or null.
 */
import { isObject } from '../is-object';
import { type LineColumn, type TreeNode } from './sql-parser';

/** A name as the server knows it. */
export interface SqlName {
  /** In lower case if it is written without quotes, because the server folds such names. */
  value: string;
  isQuoted: boolean;
  start: LineColumn;
  end: LineColumn;
}

/**
 * The node at a path of keys: each key is a field of a struct, or a variant of an enum. Undefined if there is no such
 * node.
 */
export function child(node: TreeNode, ...path: string[]): TreeNode {
  let found = node;
  for (const key of path) {
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found ?? undefined;
}

/** True for the value that the tree has in place of a missing clause or option. */
export function isAbsent(node: TreeNode): boolean {
  return node === undefined || node === null || node === false || (Array.isArray(node) && node.length === 0);
}

/** The items of a list. Empty for every other node, and for a missing node. */
export function listOf(node: TreeNode): readonly TreeNode[] {
  return Array.isArray(node) ? node : [];
}

/** The variant of an enum, and the content of the variant. For a list or a missing node, the name is empty. */
export function variantOf(node: TreeNode): readonly [name: string, content: TreeNode] {
  if (typeof node === 'string') {
    return [node, undefined];
  }
  const [entry] = isObject(node) ? Object.entries(node) : [];
  return entry ?? ['', undefined];
}

/** The nodes directly below a node. */
export function childrenOf(node: TreeNode): readonly TreeNode[] {
  return Array.isArray(node) ? node : isObject(node) ? Object.values(node) : [];
}

function isPosition(node: TreeNode): node is LineColumn {
  return typeof child(node, 'line') === 'number' && typeof child(node, 'column') === 'number';
}

/** The span of a node. Undefined if the parser gives no span, or an empty span. */
export function spanOf(node: TreeNode): { start: LineColumn; end: LineColumn } | undefined {
  const start = child(node, 'span', 'start');
  const end = child(node, 'span', 'end');
  return isPosition(start) && isPosition(end) && start.line > 0 ? { start, end } : undefined;
}

function isBefore(left: LineColumn, right: LineColumn): boolean {
  return left.line < right.line || (left.line === right.line && left.column < right.column);
}

/** The end of the last name or value below these nodes. Undefined if the nodes contain no name and no value. */
export function lastEnd(...nodes: readonly TreeNode[]): LineColumn | undefined {
  let last: LineColumn | undefined;
  const visit = (node: TreeNode) => {
    if (Array.isArray(node)) {
      node.forEach(visit);
    } else if (isObject(node)) {
      const end = 'span' in node ? spanOf(node)?.end : undefined;
      last = end !== undefined && (last === undefined || isBefore(last, end)) ? end : last;
      for (const key in node) {
        if (key !== 'span' && typeof node[key] === 'object') {
          visit(node[key]);
        }
      }
    }
  };
  nodes.forEach(visit);
  return last;
}

/** The name of an identifier, `{value, quote_style, span}`. */
export function nameOf(node: TreeNode): SqlName | undefined {
  const value = child(node, 'value');
  const span = spanOf(node);
  if (typeof value !== 'string' || span === undefined) {
    return undefined;
  }
  const isQuoted = child(node, 'quote_style') !== undefined;
  return { value: isQuoted ? value : value.toLowerCase(), isQuoted, ...span };
}

/** The parts of an object name such as `schema.table`. Undefined if a part is not a plain name. */
export function objectName(node: TreeNode): SqlName[] | undefined {
  const parts = listOf(node).map((part) => nameOf(child(part, 'Identifier')));
  const names = parts.filter((part) => part !== undefined);
  return names.length === parts.length && names.length > 0 ? names : undefined;
}

/** The parts of a column such as `time` or `l.time`. Undefined for other expressions. */
export function columnName(expression: TreeNode): SqlName[] | undefined {
  const single = nameOf(child(expression, 'Identifier'));
  if (single !== undefined) {
    return [single];
  }
  const parts = listOf(child(expression, 'CompoundIdentifier')).map(nameOf);
  const names = parts.filter((part) => part !== undefined);
  return names.length === parts.length && names.length > 0 ? names : undefined;
}

/** The value of a string literal. Undefined for other expressions. */
export function literalString(expression: TreeNode): string | undefined {
  const value = child(expression, 'Value', 'value', 'SingleQuotedString');
  return typeof value === 'string' ? value : undefined;
}

/** True for the node of a query: `SELECT …`, `WITH …`, `VALUES …`, or several of them with UNION. */
export function isQueryNode(node: TreeNode): boolean {
  return isObject(node) && 'body' in node && 'pipe_operators' in node;
}
