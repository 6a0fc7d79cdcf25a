import { type TreeNode } from '../../../contract/sql/sql-parser';
import { child } from '../../../contract/sql/syntax-tree';

/** The conditions that AND joins, without their parentheses. The last one comes first. */
export function* conjuncts(condition: TreeNode): Generator<TreeNode> {
  // Chains of AND are deep on the left.
  const open: TreeNode[] = [condition];
  while (open.length > 0) {
    const node = open.pop();
    const operation = child(node, 'BinaryOp');
    const nested = child(node, 'Nested');
    if (child(operation, 'op') === 'And') {
      open.push(child(operation, 'left'), child(operation, 'right'));
    } else if (nested !== undefined) {
      open.push(nested);
    } else {
      yield node;
    }
  }
}
