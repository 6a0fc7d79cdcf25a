/** The tables beside a flame graph: functions, the slowest calls, and threads. */
import { type ProfileRequest, type ProfileView } from '../../../contract/query-types/profile';
import { type Pace } from '../../base/async/turns';
import { thousands } from '../../frames/data-frames/format-count';
import { type ComposedField, type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type FieldConfig } from '../../frames/data-frames/column-display';
import { CELL, fieldNumber, fieldValue, HIDDEN, queryLink } from '../../frames/data-frames/explore-links';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { type FrameKind, TABLE_PANEL } from '../../frames/data-frames/frame-field';
import { type Functions } from './functions';
import { type PathTree, visitPaths } from './path-order';
import { type ListedCall } from './slowest-calls';
import { SOURCE_FIELD, SOURCE_LINK, sourceAddress } from './source-link';

/**
 * Explore shows a table with this type above the flame graph. Below the flame graph, Explore shows only one table, see
 * `TABLE_PANEL`.
 */
const TABLE: FrameKind = { type: 'table', typeVersion: [0, 0], preferredVisualisationType: 'table' };

/** Maximum number of rows of a table of functions. */
export const MAX_LISTED_FUNCTIONS = 5000;

const NANOSECONDS = { unit: 'ns' };
/** Numbers with thousands separators. */
const COUNT = { unit: 'locale' };

/** Title of a column with a link in each cell. */
const TIMELINE_OF_THREAD = 'Timeline of this thread';

interface FunctionTimes {
  /** Indices of the functions in `Functions.list`. The function with the longest `self` comes first. */
  order: number[];
  /**
   * By index of the function: nanoseconds in the function itself (`self`), nanoseconds including its calls (`total`),
   * and the number of its calls.
   */
  self: Float64Array;
  total: Float64Array;
  calls: Float64Array;
}

/** Times by function. The total of a recursive function counts only its outermost calls. */
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

/** The table of functions. @param sourceUrl Template of the links to the source. */
export function functionsFrame(
  { order, self, total, calls }: FunctionTimes,
  { list }: Functions,
  sourceUrl: string | undefined,
  notices: readonly Notice[]
): ComposedFrame {
  const shown = order.slice(0, MAX_LISTED_FUNCTIONS);
  const places = shown.map((called) => list[called]);
  const left: Notice[] =
    shown.length < order.length
      ? [
          {
            severity: 'info',
            text: `Shows ${thousands(shown.length)} of ${thousands(order.length)} functions: those with the longest own time.`,
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
      { name: 'Calls', kind: 'float64', values: shown.map((called) => calls[called]), config: COUNT },
      { name: 'Target', kind: 'utf8', values: places.map(({ target }) => target) },
      { name: 'File', kind: 'utf8', values: places.map(({ file }) => file), config },
      { name: 'Line', kind: 'float64', values: places.map(({ line }) => line), config },
      ...(addresses === undefined
        ? []
        : [{ name: SOURCE_FIELD, kind: 'utf8' as const, values: addresses, config: HIDDEN }]),
    ],
  };
}

/** The name of the field with the length of a call, in nanoseconds. */
const DURATION = 'Duration';

/**
 * Display options that replace the values with a label. Each value has its own mapping, because Grafana's backend
 * does not support mappings with patterns.
 */
function shownAs(label: string, values: readonly string[]): FieldConfig {
  const options = Object.fromEntries(values.map((value, index) => [value, { text: label, index }]));
  return { mappings: [{ type: 'value', options }] };
}

/** A row of the table of threads. */
export interface ThreadRow {
  name: string;
  streamId: string;
  /** Total nanoseconds in calls. */
  total: number;
  calls: number;
}

/** The table of the slowest calls, the longest first. */
export function slowestFrame(
  calls: readonly ListedCall[],
  { processId }: ProfileRequest,
  target: LinkTarget | undefined
): ComposedFrame {
  const begins = calls.map(({ beginNs }) => String(beginNs));
  // A link needs the exact time, but Explore would show a separate column for the time. So the column of the link
  // contains the time, and shows the label of the link in place of the time.
  const linkField = (name: string, label: string, view: ProfileView, of: LinkTarget): ComposedField => {
    const window = { beginNs: CELL, endNs: `+${fieldNumber(DURATION)}` };
    const links = profileLink(of, `${label} of this call`, { view, processId, ...window });
    return { name, kind: 'utf8', values: begins, config: { displayName: label, ...shownAs(label, begins), ...links } };
  };
  return {
    name: 'Slowest calls',
    kind: TABLE,
    fields: [
      { name: 'Begin', kind: 'timestamp', values: calls.map(({ beginNs }) => beginNs) },
      { name: 'Function', kind: 'utf8', values: calls.map(({ name }) => name) },
      {
        name: DURATION,
        kind: 'float64',
        values: calls.map(({ beginNs, endNs }) => Number(endNs - beginNs)),
        config: NANOSECONDS,
      },
      { name: 'Thread', kind: 'utf8', values: calls.map(({ thread }) => thread) },
      ...(target === undefined
        ? []
        : [
            linkField('timelineBeginNs', 'Timeline', 'timeline', target),
            linkField('graphBeginNs', 'Flame graph', 'flame-graph', target),
          ]),
    ],
  };
}

/** The table of threads. @param target The data source, for links to the thread. Undefined: no links. */
export function threadsFrame(
  threads: readonly ThreadRow[],
  request: ProfileRequest,
  target: LinkTarget | undefined
): ComposedFrame {
  const { processId, beginNs, endNs } = request;
  const linked = (title: string, view: ProfileView, streamId: string) =>
    profileLink(target, title, { view, processId, streamId, beginNs, endNs });
  const shown = threads.toSorted((a, b) => b.total - a.total);
  return {
    name: 'Threads',
    kind: TABLE,
    fields: [
      // This field has another name than the field `Thread` of the slowest calls, because Explore would merge two
      // tables that have a field of the same name.
      {
        name: 'Name',
        kind: 'utf8',
        values: shown.map(({ name }) => name),
        config: linked('Flame graph of this thread', 'flame-graph', fieldValue('streamId')),
      },
      { name: 'Time in calls', kind: 'float64', values: shown.map(({ total }) => total), config: NANOSECONDS },
      { name: 'Calls', kind: 'float64', values: shown.map(({ calls }) => calls), config: COUNT },
      {
        name: 'streamId',
        kind: 'utf8',
        values: shown.map(({ streamId }) => streamId),
        config: { displayName: TIMELINE_OF_THREAD, ...linked(TIMELINE_OF_THREAD, 'timeline', CELL) },
      },
    ],
  };
}

/** Display options of a field that links to a profile. Undefined if Grafana sent no data source. */
function profileLink(target: LinkTarget | undefined, title: string, profile: ProfileRequest): FieldConfig | undefined {
  return target && { links: [queryLink(title, target, { queryType: 'profile', profile })] };
}
