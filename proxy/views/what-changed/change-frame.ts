/** Converts changes to a table. */
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { type ComposedField, type ComposedFrame, stringField } from '../../frames/data-frames/composed-frames';
import { LEVEL_CONFIG } from '../../frames/data-frames/column-display';
import { CELL, HIDDEN, queryLink } from '../../frames/data-frames/explore-links';
import { type ViewContext } from '../view-context';
import { type Change, factor } from './change';
import { furtherSteps, PANES_FIELD, panesOfChange, ROW_LINK } from './change-links';
import { changeNotices, type Compared, MAX_CHANGES } from './change-notices';

/**
 * Widths of columns in pixels. The first six columns fit into a panel of half the page. In a wider panel, targets and
 * programs share the rest, because their names may be long.
 */
const WIDTHS = { change: 160, target: 110, count: 64, time: 105, program: 145, level: 80 };

/** A row of the table: a change, or only a first cell with a link to another comparison. */
interface Row extends Partial<Change> {
  text: string;
  panes?: string;
}

/**
 * Returns the table of changes, with notices about what was compared.
 *
 * @param changes The changes in display order.
 */
export function changeFrame(
  changes: readonly Change[],
  compared: Compared,
  request: WhatChangedRequest,
  { linkTarget, timezone }: Pick<ViewContext, 'linkTarget' | 'timezone'>
): ComposedFrame {
  const rows: Row[] = [
    ...changes.slice(0, MAX_CHANGES).map((change) => ({
      ...change,
      text: nextStep(change),
      ...(linkTarget && { panes: panesOfChange(linkTarget, change, compared.window) }),
    })),
    ...(linkTarget === undefined ? [] : furtherSteps(linkTarget, request)),
  ];
  const values = <T>(value: (row: Row) => T): T[] => rows.map(value);
  const number = (name: string, displayName: string, value: (row: Row) => number | undefined): ComposedField => ({
    kind: 'float64',
    name,
    values: values((row) => value(row) ?? Number.NaN),
    // Numbers with thousands separators.
    config: { displayName, unit: 'locale', custom: { width: WIDTHS.count } },
  });
  const hasProcesses = compared.scope.kind === 'processes';
  return {
    kind: { type: 'table', preferredVisualisationType: 'table' },
    notices: changeNotices(changes.length, compared, { timezone }),
    fields: [
      stringField(
        'change',
        values(({ text }) => text),
        {
          displayName: 'Next step',
          custom: { width: WIDTHS.change },
          ...(linkTarget && { links: [ROW_LINK] }),
        }
      ),
      stringField(
        'target',
        values(({ target }) => target),
        { displayName: 'Target', custom: { minWidth: WIDTHS.target } }
      ),
      number('before', 'Before', ({ before }) => before && Math.round(before * 10) / 10),
      number('after', 'After', ({ after }) => after),
      {
        kind: 'timestamp',
        name: 'first',
        values: values(({ firstNs }) => firstNs),
        // Without year and seconds: lines are counted by minute, and the column must fit into half a page.
        config: { displayName: 'First', unit: 'time:MM-DD HH:mm', custom: { width: WIDTHS.time } },
      },
      stringField(
        'program',
        values(({ exe }) => exe),
        {
          displayName: 'Program',
          custom: { minWidth: WIDTHS.program },
          ...(linkTarget && {
            links: [
              queryLink('Processes of the program', linkTarget, {
                queryType: 'processes',
                processes: { view: 'list', exe: CELL },
              }),
            ],
          }),
        }
      ),
      {
        kind: 'float64',
        name: 'level',
        values: values(({ level }) => level ?? Number.NaN),
        config: {
          displayName: 'Level',
          ...LEVEL_CONFIG,
          custom: { width: WIDTHS.level, cellOptions: { type: 'color-text' } },
        },
      },
      ...(hasProcesses
        ? [
            stringField(
              'process_id',
              values(({ processId }) => processId),
              {
                displayName: 'Process',
                ...(linkTarget && {
                  links: [
                    queryLink('The process', linkTarget, {
                      queryType: 'processes',
                      processes: { view: 'tree', processId: CELL },
                    }),
                  ],
                }),
              }
            ),
          ]
        : []),
      ...(linkTarget === undefined
        ? []
        : [
            stringField(
              PANES_FIELD,
              values(({ panes }) => panes),
              HIDDEN
            ),
          ]),
    ],
  };
}

/** What to do about a change, as the text of a link. */
function nextStep(change: Change): string {
  switch (change.kind) {
    case 'new-lines':
      return 'Read new lines';
    case 'more-lines':
      return `Read lines (${times(change)})`;
    case 'first-lines':
      return 'Read first lines';
    case 'started':
      return 'Check process start';
    case 'more-started':
      return `Check starts (${times(change)})`;
    case 'ended':
      return 'Check process end';
    case 'more-ended':
      return `Check ends (${times(change)})`;
    case 'new-version':
      return `Check new version ${change.version}`;
  }
}

/** For example `4.2×`. */
function times(change: Change): string {
  return `${factor(change).toLocaleString('en-US', { maximumSignificantDigits: 2 })}×`;
}
