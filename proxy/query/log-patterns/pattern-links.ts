/** Links of the rows of a table of patterns. A row has the state of Explore in hidden fields, like a row of changes. */
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { DEFAULT_LOG_ROWS } from '../../../contract/result-format';
import { fieldValue, type Link, panesOf } from '../../frames/data-frames/explore-links';
import { type LinkTarget } from '../../frames/data-frames/frame-options';
import { type Pattern } from './pattern';

/** Longest SQL whose patterns have links: each row has a copy of the SQL for each link. */
const MAX_LINKED_CHARACTERS = 20_000;

/** The query of the patterns, and the names of its columns in filters. */
export interface PatternSource {
  /** The query without format and filters. */
  query: MicromegasQueryFields;
  filters: readonly QueryFilter[];
  body: string;
  /** Undefined if the lines have no level. */
  level: string | undefined;
}

/** The actions of a row, with the names of the hidden fields. */
export const ACTIONS = {
  lines: { field: 'lines_panes', title: 'Lines of the pattern' },
  overTime: { field: 'over_time_panes', title: 'Over time' },
  filterFor: { field: 'filter_for_panes', title: 'Filter for pattern' },
  filterOut: { field: 'filter_out_panes', title: 'Filter out pattern' },
} as const;
export type PatternAction = keyof typeof ACTIONS;

/** The link of an action, which opens the state in the hidden field of the row. */
export function actionLink(action: PatternAction): Link {
  const { title, field } = ACTIONS[action];
  return { title, url: `/explore?schemaVersion=1&panes=${fieldValue(field)}`, targetBlank: true };
}

/** True if rows can have links. */
export function hasLinks({ query }: PatternSource): boolean {
  return (query.query ?? '').length <= MAX_LINKED_CHARACTERS;
}

/** The state of Explore that an action of a row opens. */
export function actionPanes(
  action: PatternAction,
  pattern: Pick<Pattern, 'expression' | 'level'>,
  source: PatternSource,
  target: LinkTarget
): string {
  return panesOf('patterns', target, queryOf(action, pattern, source), target.range);
}

function queryOf(
  action: PatternAction,
  { expression, level }: Pick<Pattern, 'expression' | 'level'>,
  { query, filters, body, level: levelColumn }: PatternSource
): MicromegasQueryFields {
  const isPattern: QueryFilter = { key: body, operator: '=~', value: expression };
  const isLevel: QueryFilter[] =
    levelColumn === undefined || level === '' ? [] : [{ key: levelColumn, operator: '=', value: level }];
  const selected = { ...query, filters: [...filters, ...isLevel, isPattern] };
  switch (action) {
    case 'lines':
      return { ...selected, format: 'logs', direction: 'backward', rowLimit: DEFAULT_LOG_ROWS };
    case 'overTime':
      return { ...selected, format: 'patterns', patterns: { result: 'over-time' } };
    case 'filterFor':
      return { ...selected, format: 'patterns' };
    case 'filterOut':
      // The expression excludes lines of all levels, because two filters cannot exclude one combination.
      return { ...query, format: 'patterns', filters: [...filters, { ...isPattern, operator: '!~' }] };
  }
}
