/**
 * Recognizes tables in FROM without options. An option, such as TABLESAMPLE or a version, changes which rows are read.
 */
import { type TreeNode } from '../../../contract/sql/sql-parser';
import { isAbsent } from '../../../contract/sql/syntax-tree';

const TABLE_FIELDS = new Set(['name', 'alias', 'args']);

/** True if the node has no fields except `fields`. */
export function hasOnly(node: TreeNode, fields: ReadonlySet<string>): boolean {
  return Object.entries(node ?? {}).every(([key, value]) => fields.has(key) || isAbsent(value));
}

/** True for a table or table function without options. */
export function isPlainTable(table: TreeNode): boolean {
  return hasOnly(table, TABLE_FIELDS);
}
