/** The tables beside a flame graph: functions, the slowest calls, and threads. */
import { type ProfileRequest } from '../../contract/query-types/profile';
import { type Pace } from '../async/turns';
import { type AnswerFrame } from '../data-frames/answer-frames';
import { type FieldConfig } from '../data-frames/column-display';
import { fieldValue, HIDDEN, queryLink } from '../data-frames/explore-links';
import { type LinkTarget, type Notice } from '../data-frames/frame-options';
import { type FrameKind, TABLE_PANEL } from '../data-frames/frame-field';
import { type Functions } from './functions';
import { type PathTree, visitPaths } from './path-order';
import { type ListedCall } from './slowest-calls';
import { SOURCE_FIELD, SOURCE_LINK, sourceAddress } from './source-link';

/** Explore shows it above the flame graph. */
const TABLE: FrameKind = { type: 'table', typeVersion: [0, 0], preferredVisualisationType: 'table' };

/** Rows of a table of functions. */
export const MAX_LISTED_FUNCTIONS = 5000;

const NANOSECONDS = { unit: 'ns' };

export interface FunctionTimes {
  /** Numbers of functions, those with the longest own time first. */
  order: number[];
  /** Nanoseconds in the function itself, in it and its calls, and the number of calls, by number of the function. */
  self: Float64Array;
  total: Float64Array;
  calls: Float64Array;
}

/** Times by function. The total of a function that calls itself counts the outermost calls only. */
export async function functionTimes(
  { paths, totals, selves, byTotal }: PathTree,
  { list }: Functions,
  pace: Pace
): Promise<FunctionTimes> {
  const self = new Float64Array(list.length);
  const total = new Float64Array(list.length);
  const calls = new Float64Array(list.length);
  const running = new Int32Array(list.length);
  const visitor = {
    enter: (node: number) => {
      const called = paths.functionOf(node);
      self[called] += selves[node];
      calls[called] += paths.calls(node);
      total[called] += running[called]++ === 0 ? totals[node] : 0;
    },
    leave: (node: number) => {
      running[paths.functionOf(node)]--;
    },
  };
  await visitPaths(paths, byTotal, visitor, pace);
  const called = [...list.keys()].filter((each) => !list[each].isGroup && calls[each] > 0);
  const order = await pace.sorted(called, (a, b) => self[b] - self[a] || total[b] - total[a]);
  return { order, self, total, calls };
}

/** @param sourceUrl Template of the links to the source. */
export function functionsFrame(
  { order, self, total, calls }: FunctionTimes,
  { list }: Functions,
  sourceUrl: string | undefined,
  notices: readonly Notice[]
): AnswerFrame {
  const shown = order.slice(0, MAX_LISTED_FUNCTIONS);
  const places = shown.map((called) => list[called]);
  const left: Notice[] =
    shown.length < order.length
      ? [
          {
            severity: 'info',
            text: `Shows the ${shown.length} functions with the longest own time of ${order.length}.`,
          },
        ]
      : [];
  const addresses =
    sourceUrl === undefined ? undefined : places.map(({ file, line }) => sourceAddress(sourceUrl, file, line));
  const config = addresses && SOURCE_LINK;
  return {
    name: 'Functions',
    kind: TABLE_PANEL,
    notices: [...notices, ...left],
    fields: [
      { name: 'Function', kind: 'utf8', values: places.map(({ name }) => name) },
      { name: 'Self', kind: 'float64', values: shown.map((called) => self[called]), config: NANOSECONDS },
      { name: 'Total', kind: 'float64', values: shown.map((called) => total[called]), config: NANOSECONDS },
      { name: 'Calls', kind: 'float64', values: shown.map((called) => calls[called]) },
      { name: 'Target', kind: 'utf8', values: places.map(({ target }) => target) },
      { name: 'File', kind: 'utf8', values: places.map(({ file }) => file), config },
      { name: 'Line', kind: 'float64', values: places.map(({ line }) => line), config },
      ...(addresses === undefined
        ? []
        : [{ name: SOURCE_FIELD, kind: 'utf8' as const, values: addresses, config: HIDDEN }]),
    ],
  };
}

export interface ThreadRow {
  name: string;
  streamId: string;
  /** Nanoseconds in calls. */
  total: number;
  calls: number;
}

/** Calls that a user opens one by one, the longest first. */
export function slowestFrame(
  calls: readonly ListedCall[],
  { processId }: ProfileRequest,
  target: LinkTarget | undefined
): AnswerFrame {
  const moment = { beginNs: fieldValue('beginNs'), endNs: fieldValue('endNs') };
  const config = profileLinks(target, [
    { title: 'Timeline of this call', profile: { view: 'timeline', processId, ...moment } },
    { title: 'Flame graph of this call', profile: { view: 'flame-graph', processId, ...moment } },
  ]);
  const begins = calls.map(({ beginNs }) => beginNs);
  const ends = calls.map(({ endNs }) => endNs);
  return {
    name: 'Slowest calls',
    kind: TABLE,
    fields: [
      { name: 'Begin', kind: 'timestamp', values: begins },
      { name: 'Function', kind: 'utf8', values: calls.map(({ name }) => name), config },
      {
        name: 'Duration',
        kind: 'float64',
        values: calls.map(({ beginNs, endNs }) => Number(endNs - beginNs)),
        config: NANOSECONDS,
      },
      { name: 'Thread', kind: 'utf8', values: calls.map(({ thread }) => thread) },
      { name: 'beginNs', kind: 'utf8', values: begins.map(String), config: { ...HIDDEN, displayName: 'Begin (ns)' } },
      { name: 'endNs', kind: 'utf8', values: ends.map(String), config: { ...HIDDEN, displayName: 'End (ns)' } },
    ],
  };
}

export function threadsFrame(
  threads: readonly ThreadRow[],
  request: ProfileRequest,
  target: LinkTarget | undefined
): AnswerFrame {
  const { processId, beginNs, endNs } = request;
  const profile = { processId, streamId: fieldValue('streamId'), beginNs, endNs };
  const config = profileLinks(target, [
    { title: 'Flame graph of this thread', profile: { view: 'flame-graph', ...profile } },
    { title: 'Timeline of this thread', profile: { view: 'timeline', ...profile } },
  ]);
  const shown = threads.toSorted((a, b) => b.total - a.total);
  return {
    name: 'Threads',
    kind: TABLE,
    fields: [
      // Explore would merge the table with the slowest calls if both had a field of one name.
      { name: 'Name', kind: 'utf8', values: shown.map(({ name }) => name), config },
      { name: 'Time in calls', kind: 'float64', values: shown.map(({ total }) => total), config: NANOSECONDS },
      { name: 'Calls', kind: 'float64', values: shown.map(({ calls }) => calls) },
      {
        name: 'streamId',
        kind: 'utf8',
        values: shown.map(({ streamId }) => streamId),
        config: { ...HIDDEN, displayName: 'Stream id' },
      },
    ],
  };
}

interface ProfileLink {
  title: string;
  profile: ProfileRequest;
}

/** Display options with links to profiles. Undefined without a data source. */
function profileLinks(target: LinkTarget | undefined, links: readonly ProfileLink[]): FieldConfig | undefined {
  return (
    target && { links: links.map(({ title, profile }) => queryLink(title, target, { queryType: 'profile', profile })) }
  );
}
