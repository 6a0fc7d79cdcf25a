/**
 * Links of the table of changes. Each row opens another kind of query, and a column of a frame has the same links in
 * all of its rows. So a column, which panels hide, has the state of Explore for each row.
 */
import { logLinesQuery, whatChangedQuery } from '../../../contract/queries/linked-queries';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import {
  DEFAULT_LOOK_BACK,
  LOOK_BACKS,
  type LookBack,
  type WhatChangedRequest,
} from '../../../contract/query-types/what-changed';
import { equals, fieldValue, type Link, type LinkQuery, panesOf } from '../../frames/data-frames/explore-links';
import { type LinkTarget } from '../../frames/data-frames/frame-options';
import { type Change } from './change';
import { type ChangeWindow } from './window';

/** The field with the state of Explore. */
export const PANES_FIELD = 'panes';

/** The link of a row: opens Explore with the state in the field `PANES_FIELD` of the row. */
export const ROW_LINK: Link = {
  title: 'Open',
  url: `/explore?schemaVersion=1&panes=${fieldValue(PANES_FIELD)}`,
  targetBlank: true,
};

/** The state of Explore that shows the lines of a change, or the processes of a program, in the window. */
export function panesOfChange(target: LinkTarget, change: Change, window: ChangeWindow): string {
  return panesOf('changes', target, queryOf(change), window);
}

function queryOf({ processId, exe, target, level, version }: Change): LinkQuery {
  if (target === undefined) {
    return { queryType: 'processes', processes: { view: 'list', exe, ...(version !== undefined && { version }) } };
  }
  const source: QueryFilter[] =
    processId !== undefined ? [equals('process_id', processId)] : exe === '' ? [] : [equals('exe', exe)];
  return logLinesQuery([...source, equals('target', target), equals('level', String(level))]);
}

/** A row that repeats the query with a longer window or for more processes. */
export interface FurtherStep {
  text: string;
  panes: string;
}

const LONGER: ReadonlyArray<[LookBack, string]> = [
  ['2h', 'Look back 2 hours'],
  ['24h', 'Look back 24 hours'],
];

/** The further steps of a query with a moment. Empty for other queries. */
export function furtherSteps(target: LinkTarget, request: WhatChangedRequest): FurtherStep[] {
  if (!request.atMs) {
    return [];
  }
  const step = (text: string, wider: WhatChangedRequest) => ({
    text,
    panes: panesOf('changes', target, whatChangedQuery({ ...request, ...wider }), target.range),
  });
  const lengthMs = LOOK_BACKS[request.lookBack || DEFAULT_LOOK_BACK];
  return [
    ...LONGER.filter(([lookBack]) => LOOK_BACKS[lookBack] > lengthMs).map(([lookBack, text]) =>
      step(text, { lookBack })
    ),
    ...(request.scope === 'lakehouse' ? [] : [step('Compare all programs', { scope: 'lakehouse' })]),
  ];
}
