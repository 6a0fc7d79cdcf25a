/** Finds UNION queries with a wildcard. Their columns cannot be matched by name. */
import { type QueryShape, type SelectScope } from '../../../contract/sql/query-scopes';

/**
 * The SELECTs of UNION queries with a wildcard, also in subqueries. @param root The query whose result is returned.
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
