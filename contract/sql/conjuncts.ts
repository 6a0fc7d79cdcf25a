import { type TreeNode } from './sql-parser';
import { child } from './syntax-tree';

/** Yields the operands of AND in a condition, the last operand first. The parentheses around an operand are removed. */
export function* conjuncts(condition: TreeNode): Generator<TreeNode> {
  // The parser nests a chain of AND on the left side, so the loop uses a stack instead of recursion.
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
