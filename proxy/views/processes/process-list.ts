/** Builds the table for `processes` queries with the view `list`. */
import { thousands } from '../../frames/data-frames/format-count';
import { type ProcessesQuery, type ProcessState } from '../../../contract/query-types/processes';
import { type ComposedField, type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { COLORED_CELL, countConfig, type FieldConfig } from '../../frames/data-frames/column-display';
import { fieldValue } from '../../frames/data-frames/explore-links';
import { TABLE_PANEL } from '../../frames/data-frames/frame-field';
import { type Notice } from '../../frames/data-frames/frame-options';
import { emptyTable, nothingFound, widerSearch } from '../nothing-found';
import { type ViewContext } from '../view-context';
import { countLines, countsOf, type LineCounts } from './line-counts';
import { processLinks } from './process-links';
import { type ProcessRow } from './process-row';
import { runningSinceMs, stateOf } from './process-state';
import { DAY_MS, type ListedProcesses, listProcesses } from './read-processes';

export const STATE_COLORS: Readonly<Record<ProcessState, string>> = {
  running: 'green',
  ended: 'blue',
  crashed: 'red',
};

/** The field from which the links take the id of the process. */
const ID_FIELD = 'process_id';

/** Widths of columns in pixels. */
const NARROW = 80;
const STATE_WIDTH = 95;
const TIME_WIDTH = 180;
/** The width of a column in which each cell has the same string as the heading. */
const widthOf = (heading: string) => 30 + 8 * heading.length;
const PROGRAM_WIDTH = 190;

const STATE_CONFIG: FieldConfig = {
  displayName: 'State',
  mappings: [
    {
      type: 'value',
      options: Object.fromEntries(
        Object.entries(STATE_COLORS).map(([state, color], index) => [state, { text: state, color, index }])
      ),
    },
  ],
  custom: { ...COLORED_CELL, width: STATE_WIDTH },
};

/** A process with its counted lines and its state. */
export interface DescribedProcess extends ProcessRow, LineCounts {
  state: ProcessState;
}

/** Adds the line counts and the state to each process, and keeps the order. Further statements read the line counts. */
export async function describeProcesses(
  processes: readonly ProcessRow[],
  lake: ViewContext
): Promise<DescribedProcess[]> {
  const counts = await countLines(
    processes.map(({ id }) => id),
    lake
  );
  const sinceMs = runningSinceMs(lake);
  return processes.map((process) => {
    const lines = countsOf(counts, process.id);
    return { ...process, ...lines, state: stateOf(process, lines, sinceMs) };
  });
}

/** The processes of the range, the newest first. If there are no processes, the table also has all fields. */
export async function processList(query: ProcessesQuery, lake: ViewContext): Promise<ComposedFrame[]> {
  const listed = await listProcesses(query, lake);
  const fields = listFields(await describeProcesses(listed.processes, lake), lake);
  const table = { kind: TABLE_PANEL, fields, notices: truncation(listed) };
  return listed.processes.length > 0
    ? [table]
    : [emptyTable(table, noProcess(lake), lake), ...widerSearch({ queryType: 'processes', processes: query }, lake)];
}

function listFields(processes: readonly DescribedProcess[], lake: ViewContext): ComposedField[] {
  const values = <T>(value: (process: DescribedProcess) => T): T[] => processes.map(value);
  const stringField = (
    name: string,
    displayName: string,
    value: (process: DescribedProcess) => string | undefined,
    config: FieldConfig = {}
  ) => ({ kind: 'utf8', name, values: values(value), config: { displayName, ...config } }) as const;
  const time = (name: string, displayName: string, value: (process: DescribedProcess) => bigint | undefined) =>
    ({
      kind: 'timestamp',
      name,
      values: values(value),
      config: { displayName, custom: { width: TIME_WIDTH } },
    }) as const;
  const lines = (name: string, displayName: string, color: string, value: (process: DescribedProcess) => number) =>
    ({ kind: 'float64', name, values: values(value), config: { displayName, ...countConfig(color, NARROW) } }) as const;
  const links = processLinks(lake.linkTarget, fieldValue(ID_FIELD));
  const linked = (name: string): FieldConfig => {
    const found = links.find(({ column }) => column === name);
    return found === undefined ? {} : { links: [found.link] };
  };
  return [
    stringField('exe', 'Program', ({ exe }) => exe, { ...linked('Logs'), custom: { width: PROGRAM_WIDTH } }),
    { ...stringField('state', 'State', ({ state }) => state), config: STATE_CONFIG },
    lines('fatal', 'Fatal', 'purple', ({ fatal }) => fatal),
    lines('error', 'Errors', 'red', ({ error }) => error),
    lines('warn', 'Warnings', 'orange', ({ warn }) => warn),
    time('start_time', 'Start', ({ startNs }) => startNs),
    ...links
      .filter(({ column }) => !['Logs', 'Relatives'].includes(column))
      .map(({ column }) =>
        stringField(column, column, () => column, { ...linked(column), custom: { width: widthOf(column) } })
      ),
    time('last_seen', 'Last seen', ({ lastSeenNs }) => lastSeenNs),
    stringField('version', 'Version', ({ version }) => version),
    stringField('computer', 'Computer', ({ computer }) => computer),
    stringField('username', 'User', ({ username }) => username),
    stringField(ID_FIELD, 'Process', ({ id }) => id, linked('Relatives')),
  ];
}

/** The notice of a list without processes. */
export function noProcess(lake: ViewContext): Notice {
  const { range } = lake;
  const text = 'No process that fulfils the query was active';
  return nothingFound({ text, range, arrivedBeforeMs: DAY_MS, hasSearched: true }, lake);
}

/** A warning if the limit truncates the list, otherwise no notices. */
export function truncation({ hasMore, processes }: ListedProcesses): Notice[] {
  return hasMore
    ? [
        {
          severity: 'warning',
          text: `More processes were active. The ${thousands(processes.length)} that started last are shown.`,
        },
      ]
    : [];
}
