import { type ScopedVars } from '@grafana/data';

/**
 * Adds `$__searchFilter`: what the user has typed into the list of a variable, as a pattern for LIKE that matches texts
 * beginning with it. The same as in Grafana's own SQL sources.
 *
 * @param typed What was typed. Missing: what Grafana put into `scopedVars`, which is nothing before the first key.
 */
export function withSearchFilter(scopedVars: ScopedVars, typed?: string): ScopedVars {
  const pattern = `${typed ?? scopedVars.__searchFilter?.value ?? ''}%`;
  return { ...scopedVars, __searchFilter: { value: pattern, text: pattern } };
}
