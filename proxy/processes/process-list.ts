/** Processes as a table. */
import { type ProcessesQuery, type ProcessState } from '../../contract/query-types/processes';
import { type AnswerField, type AnswerFrame } from '../data-frames/answer-frames';
import { type FieldConfig } from '../data-frames/column-display';
import { type Notice } from '../data-frames/frame-options';
import { type LakeReader } from '../lake-reader/lake-reader';
import { countLines, countsOf, type LineCounts } from './line-counts';
import { processLinks } from './process-links';
import { type ProcessRow } from './process-row';
import { runningSinceMs, stateOf } from './process-state';
import { type ListedProcesses, listProcesses } from './read-processes';

export const STATE_COLORS: Readonly<Record<ProcessState, string>> = {
  running: 'green',
  ended: 'blue',
  crashed: 'red',
};

const STATE_CONFIG: FieldConfig = {
  displayName: 'State',
  mappings: [
    {
      type: 'value',
      options: Object.fromEntries(
        Object.entries(STATE_COLORS).map(([text, color], index) => [text, { text, color, index }])
      ),
    },
  ],
  custom: { cellOptions: { type: 'color-text' } },
};

/** A process with what its lines say. */
export interface DescribedProcess extends ProcessRow, LineCounts {
  state: ProcessState;
}

export async function describeProcesses(
  processes: readonly ProcessRow[],
  lake: LakeReader
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

export async function processList(query: ProcessesQuery, lake: LakeReader): Promise<AnswerFrame[]> {
  const listed = await listProcesses(query, lake);
  const fields = listFields(await describeProcesses(listed.processes, lake), lake);
  return [{ kind: { type: 'table', preferredVisualisationType: 'table' }, fields, notices: truncation(listed) }];
}

function listFields(processes: readonly DescribedProcess[], lake: LakeReader): AnswerField[] {
  const values = <T>(value: (process: DescribedProcess) => T): T[] => processes.map(value);
  const text = (name: string, displayName: string, value: (process: DescribedProcess) => string | undefined) =>
    ({ kind: 'utf8', name, values: values(value), config: { displayName } }) as const;
  const time = (name: string, displayName: string, value: (process: DescribedProcess) => bigint | undefined) =>
    ({ kind: 'timestamp', name, values: values(value), config: { displayName } }) as const;
  const number = (name: string, displayName: string, value: (process: DescribedProcess) => number) =>
    ({ kind: 'float64', name, values: values(value), config: { displayName } }) as const;
  const links = processLinks(lake.linkTarget);
  return [
    text('exe', 'Program', ({ exe }) => exe),
    {
      ...text('process_id', 'Process', ({ id }) => id),
      config: { displayName: 'Process', ...(links.length > 0 && { links }) },
    },
    text('version', 'Version', ({ version }) => version),
    text('computer', 'Computer', ({ computer }) => computer),
    text('username', 'User', ({ username }) => username),
    time('start_time', 'Start', ({ startNs }) => startNs),
    time('last_seen', 'Last seen', ({ lastSeenNs }) => lastSeenNs),
    { ...text('state', 'State', ({ state }) => state), config: STATE_CONFIG },
    number('fatal', 'Fatal', ({ fatal }) => fatal),
    number('error', 'Errors', ({ error }) => error),
    number('warn', 'Warnings', ({ warn }) => warn),
  ];
}

export function truncation({ hasMore, processes }: ListedProcesses): Notice[] {
  return hasMore
    ? [
        {
          severity: 'warning',
          text: `More processes were active. The ${processes.length} that started last are shown.`,
        },
      ]
    : [];
}
