/**
 * Finds which columns of its sources a SELECT returns, and under which names. If the SELECT has a wildcard, the columns
 * may be unknown.
 */
import { hasPositions } from '../../../contract/sql/column-lineage';
import { type ColumnUse, type QueryShape, type SelectScope } from '../../../contract/sql/query-scopes';

/**
 * The column of a table or subquery that a SELECT returns as the result column `name`. Undefined in three cases: the
 * SELECT is in a subquery of `root`, it returns another expression under this name, or it has a wildcard that makes the
 * column unknown.
 *
 * @param root The query whose result is returned.
 */
export function shownColumn(
  root: QueryShape | undefined,
  select: SelectScope,
  name: string
): Pick<ColumnUse, 'qualifier' | 'name'> | undefined {
  if (root?.branches.includes(select) !== true) {
    return undefined;
  }
  const named = root.matchedBy === 'position' ? root.branches[0] : select;
  const index = named?.items.findIndex((item) => item.kind === 'expression' && item.name === name) ?? -1;
  const item = select.items[index];
  if (named !== select && !(hasPositions(named, index) && hasPositions(select, index))) {
    return undefined;
  }
  if (item !== undefined) {
    return item.kind === 'expression' ? item.column : undefined;
  }
  // `d.*` has the column for certain only if the SELECT has no other wildcard.
  const wildcards = select.items.flatMap((each) => (each.kind === 'wildcard' ? [each] : []));
  const [only] = wildcards;
  return named === select && wildcards.length === 1 && !only.isChanged && only.qualifier !== undefined
    ? { qualifier: only.qualifier, name }
    : undefined;
}

/**
 * The SELECTs of UNIONs with a wildcard: if one SELECT of a UNION has a wildcard, all SELECTs of this UNION. UNIONs in
 * subqueries of `root` are included. The columns of these SELECTs cannot be matched by name.
 *
 * @param root The query whose result is returned.
 */
export function starUnions(root: QueryShape | undefined): ReadonlySet<SelectScope> {
  const found = new Set<SelectScope>();
  const seen = new Set<QueryShape>();
  const visit = (query: QueryShape) => {
    if (seen.has(query)) {
      return;
    }
    seen.add(query);
    const selects = query.branches.filter((branch) => branch !== undefined);
    if (selects.length > 1 && selects.some(({ items }) => items.some(({ kind }) => kind === 'wildcard'))) {
      selects.forEach((select) => found.add(select));
    }
    for (const { origin } of selects.flatMap(({ sources }) => sources)) {
      if (origin.kind === 'query') {
        visit(origin.query);
      }
    }
  };
  if (root !== undefined) {
    visit(root);
  }
  return found;
}

/** True if the SELECT returns another column under this name, or this column under another name. */
export function isRenamed({ items }: SelectScope, column: string): boolean {
  return items.some((item) => item.kind === 'expression' && (item.name === column) !== (item.column?.name === column));
}
