/**
 * Compares the syntax trees of an edited statement and its original. They may differ only by the expected conditions
 * and replacements.
 */
import { StringSet } from '../../../contract/string-map';
import { LinePositions, type ParsedSql, type TreeNode } from '../../../contract/sql/sql-parser';
import { child, listOf, spanOf } from '../../../contract/sql/syntax-tree';

/** The allowed differences between the trees. */
export interface ExpectedEdits {
  /** Added conditions, by the offset of their SELECT in the original SQL. */
  added: ReadonlyMap<number, TreeNode>;
  /** Replacements, by the offset of the replaced name or call in the original SQL. */
  replaced: ReadonlyMap<number, TreeNode>;
}

/** The tree of an expression in parentheses. */
const nested = (expression: TreeNode) => ({ Nested: expression });

class Comparison {
  readonly #edits: ExpectedEdits;
  readonly #positions: LinePositions;
  #found = 0;

  constructor(edits: ExpectedEdits, positions: LinePositions) {
    this.#edits = edits;
    this.#positions = positions;
  }

  /** The number of expected edits that were found. */
  get found(): number {
    return this.#found;
  }

  same(before: TreeNode, after: TreeNode): boolean {
    const replacement = this.#replacement(before);
    if (replacement !== undefined) {
      this.#found++;
      return isEqual(replacement, after);
    }
    if (Array.isArray(before) || Array.isArray(after)) {
      const left = listOf(before);
      const right = listOf(after);
      return left.length === right.length && left.every((item, index) => this.same(item, right[index]));
    }
    if (before === null || after === null || typeof before !== 'object' || typeof after !== 'object') {
      return (before ?? undefined) === (after ?? undefined);
    }
    const condition = this.#condition(before);
    return keysOf(before, after).every((key) => {
      if (key === 'selection' && condition !== undefined) {
        this.#found++;
        return this.#isAdded(child(before, key), child(after, key), condition);
      }
      return this.same(child(before, key), child(after, key));
    });
  }

  #isAdded(before: TreeNode, after: TreeNode, condition: TreeNode): boolean {
    if (before === undefined) {
      return isEqual(condition, after);
    }
    const operation = child(after, 'BinaryOp');
    return (
      child(operation, 'op') === 'And' &&
      this.same(nested(before), child(operation, 'left')) &&
      isEqual(condition, child(operation, 'right'))
    );
  }

  #condition(node: TreeNode): TreeNode {
    const span = spanOf(child(node, 'select_token'));
    return span && this.#edits.added.get(this.#positions.offsetOf(span.start));
  }

  #replacement(node: TreeNode): TreeNode {
    if (this.#edits.replaced.size === 0) {
      return undefined;
    }
    const name = child(node, 'Identifier') ?? child(listOf(child(node, 'Function', 'name'))[0], 'Identifier');
    const span = spanOf(name);
    return span && this.#edits.replaced.get(this.#positions.offsetOf(span.start));
  }
}

/** The field names of two nodes, except positions. */
function keysOf(left: object, right: object): string[] {
  return Array.from(new StringSet([...Object.keys(left), ...Object.keys(right)])).filter((key) => key !== 'span');
}

/** True if two trees differ only in positions. */
export function isEqual(left: TreeNode, right: TreeNode): boolean {
  return new Comparison(NO_EDITS, NO_POSITIONS).same(left, right);
}

const NO_EDITS: ExpectedEdits = { added: new Map(), replaced: new Map() };
const NO_POSITIONS = new LinePositions('');

/** True if the edited statement is the original with exactly the expected edits. */
export function isExpectedEdit(before: ParsedSql, after: ParsedSql, edits: ExpectedEdits): boolean {
  const comparison = new Comparison(edits, before.positions);
  const isSame = comparison.same(before.statement, after.statement);
  return isSame && comparison.found === edits.added.size + edits.replaced.size;
}
