/** Finds which table columns the SELECTs of a query return, and under which names. Wildcards may hide the columns. */
import { hasPositions } from '../../../contract/sql/column-lineage';
import { type ColumnUse, type QueryShape, type SelectScope } from '../../../contract/sql/query-scopes';

/**
 * The table column whose values a SELECT returns in the result column `name`. Undefined if the SELECT is only a
 * subquery, if it returns an expression, or if wildcards hide which column it returns.
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
  // Use `d.*` only if no other wildcard may have the column.
  const wildcards = select.items.flatMap((each) => (each.kind === 'wildcard' ? [each] : []));
  const [only] = wildcards;
  return named === select && wildcards.length === 1 && !only.isChanged && only.qualifier !== undefined
    ? { qualifier: only.qualifier, name }
    : undefined;
}

/**
 * All SELECTs of each UNION in which at least one SELECT has a wildcard, also of a UNION in a subquery. Their columns
 * cannot be matched by name.
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
