/** Converts changes to a table. */
import { linesBetweenQuery } from '../../../contract/queries/linked-queries';
import { type ComposedField, type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { LEVEL_CONFIG } from '../../frames/data-frames/column-display';
import { thousands } from '../../frames/data-frames/format-count';
import { CELL, equals, fieldNumber, fieldValue, type Link, queryLink } from '../../frames/data-frames/explore-links';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { formatTimes } from '../../frames/data-frames/format-time';
import { type ViewContext } from '../view-context';
import { type Change, factor } from './change';
import { MAX_GROUPS, type Scope } from './changed-processes';
import { type ChangeWindow } from './window';

/** Maximum number of rows of the table. */
export const MAX_CHANGES = 50;

const MINUTE_MS = 60_000;

/**
 * Returns the table of changes, with a notice about the compared times.
 *
 * @param changes  The changes in display order.
 * @param compared The compared processes. `isLimited`: some versions of the programs were left out.
 */
export function changeFrame(
  changes: readonly Change[],
  window: ChangeWindow,
  compared: { scope: Scope; isLimited: boolean },
  { linkTarget: target, timezone }: Pick<ViewContext, 'linkTarget' | 'timezone'>
): ComposedFrame {
  const shown = changes.slice(0, MAX_CHANGES);
  const values = <T>(value: (change: Change) => T): T[] => shown.map(value);
  const isOfProcesses = !('exe' in compared.scope);
  const stringField = (
    name: string,
    displayName: string,
    value: (change: Change) => string | undefined,
    link?: (of: LinkTarget) => Link
  ): ComposedField => ({
    kind: 'utf8',
    name,
    values: values(value),
    config: { displayName, ...(target !== undefined && link !== undefined && { links: [link(target)] }) },
  });
  const number = (name: string, displayName: string, value: (change: Change) => number): ComposedField => ({
    kind: 'float64',
    name,
    values: values(value),
    // Numbers with thousands separators.
    config: { displayName, unit: 'locale' },
  });
  return {
    kind: { type: 'table', preferredVisualisationType: 'table' },
    notices: noticesOf(changes, window, compared.isLimited, timezone),
    fields: [
      stringField('change', 'Change', describeChange),
      stringField(
        'target',
        'Target',
        ({ target: name }) => name,
        (of) => linesLink(of, window, isOfProcesses)
      ),
      {
        kind: 'float64',
        name: 'level',
        values: values(({ level }) => level),
        config: { displayName: 'Level', ...LEVEL_CONFIG, custom: { cellOptions: { type: 'color-text' } } },
      },
      number('before', 'Before', ({ before }) => Math.round(before * 10) / 10),
      number('after', 'After', ({ after }) => after),
      {
        kind: 'timestamp',
        name: 'first',
        values: values(({ firstNs }) => firstNs),
        config: { displayName: 'First' },
      },
      stringField(
        'program',
        'Program',
        ({ exe }) => exe,
        (of) => queryLink('Processes of the program', of, listOf({ exe: CELL }))
      ),
      ...(isOfProcesses
        ? [
            stringField(
              'process_id',
              'Process',
              ({ processId }) => processId,
              (of) =>
                queryLink('The process', of, { queryType: 'processes', processes: { view: 'tree', processId: CELL } })
            ),
          ]
        : []),
    ],
  };
}

function listOf(condition: { exe: string }) {
  return { queryType: 'processes', processes: { view: 'list' as const, ...condition } };
}

/** A link to the log lines of a row, in the window. */
function linesLink(of: LinkTarget, { fromMs, toMs }: ChangeWindow, isOfProcesses: boolean): Link {
  const source = isOfProcesses ? equals('process_id', fieldValue('process_id')) : equals('exe', fieldValue('program'));
  const conditions = [source, equals('target'), equals('level', fieldNumber('level'))];
  const query = linesBetweenQuery(conditions, String(fromMs), String(toMs));
  return queryLink('Lines', of, query);
}

function describeChange(change: Change): string {
  switch (change.kind) {
    case 'new-lines':
      return 'New lines';
    case 'more-lines':
      return `${times(change)} as many lines`;
    case 'first-lines':
      return 'Lines of a new process';
    case 'started':
      return 'Process started';
    case 'more-started':
      return `${times(change)} as many processes started`;
    case 'ended':
      return 'Process ended';
    case 'more-ended':
      return `${times(change)} as many processes ended`;
    case 'new-version':
      return `New version ${change.version}`;
  }
}

function times(change: Change): string {
  return `${factor(change).toLocaleString('en-US', { maximumSignificantDigits: 2 })} times`;
}

function noticesOf(
  changes: readonly Change[],
  { fromMs, toMs }: ChangeWindow,
  isLimited: boolean,
  timezone: string | undefined
): Notice[] {
  const minutes = (toMs - fromMs) / MINUTE_MS;
  return [
    {
      severity: 'info',
      text:
        `${changes.length === 0 ? 'Nothing is new and nothing has grown. ' : ''}The column "After" shows ` +
        `${formatTimes(fromMs, toMs, timezone)}. The column "Before" shows the preceding hour, scaled to ${minutes} min.`,
    },
    ...(changes.length > MAX_CHANGES
      ? [{ severity: 'warning' as const, text: `There are more changes. The first ${MAX_CHANGES} are shown.` }]
      : []),
    ...(isLimited
      ? [
          {
            severity: 'warning' as const,
            text: `The programs have too many versions. Starts and ends of processes are compared for ${thousands(MAX_GROUPS)} of them.`,
          },
        ]
      : []),
  ];
}
