/** Spans of a timeline as Grafana's trace frame. */
import { StringMap } from '../../../contract/string-map';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type Notice } from '../../frames/data-frames/frame-options';
import { type ProfileWindow } from './profile-window';
import { sourceAddress } from './source-link';
import { NETWORK, TASKS, type TimelineSpan } from './timeline-spans';

const NANOS_PER_MS = 1_000_000n;

interface Row {
  id: string;
  parentId: string | undefined;
  service: string;
  name: string;
  beginNs: bigint;
  endNs: bigint;
  tags: TimelineSpan['tags'];
  warnings: readonly string[];
}

/** Returns the frame with the spans and their groups. @param sourceUrl Template of the links to the source. */
export function timelineFrame(
  processId: string,
  spans: readonly TimelineSpan[],
  window: ProfileWindow,
  sourceUrl: string | undefined,
  notices: readonly Notice[]
): ComposedFrame {
  const rows = [...groupRows(spans, window), ...spanRows(spans, sourceUrl)];
  const traceId = processId.replaceAll('-', '').toLowerCase();
  return {
    name: 'Timeline',
    kind: { preferredVisualisationType: 'trace' },
    notices,
    fields: [
      { name: 'traceID', kind: 'utf8', values: rows.map(() => traceId) },
      { name: 'spanID', kind: 'utf8', values: rows.map(({ id }) => id) },
      { name: 'parentSpanID', kind: 'utf8', values: rows.map(({ parentId }) => parentId) },
      { name: 'operationName', kind: 'utf8', values: rows.map(({ name }) => name) },
      { name: 'serviceName', kind: 'utf8', values: rows.map(({ service }) => service) },
      { name: 'serviceTags', kind: 'json', values: rows.map(() => '[]') },
      { name: 'startTime', kind: 'float64', values: rows.map(({ beginNs }) => milliseconds(beginNs)) },
      { name: 'duration', kind: 'float64', values: rows.map(({ beginNs, endNs }) => Number(endNs - beginNs) / 1e6) },
      { name: 'tags', kind: 'json', values: rows.map(({ tags }) => tagsJson(tags)) },
      { name: 'warnings', kind: 'json', values: rows.map(({ warnings }) => JSON.stringify(warnings)) },
    ],
  };
}

/** One row for each group of the spans: a thread, the tasks or the network. Each row covers the window. */
function groupRows(spans: readonly TimelineSpan[], { beginNs, endNs }: ProfileWindow): Row[] {
  const groups = new StringMap(spans.map(({ groupId, service }) => [groupId, service]));
  const rankOf = (name: string) => (name === NETWORK ? 2 : name === TASKS ? 1 : 0);
  return Array.from(groups)
    .sort(([, a], [, b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    .map(([id, service]) => ({
      id,
      parentId: undefined,
      service,
      name: service,
      beginNs,
      endNs,
      tags: rankOf(service) === 0 ? [['stream_id', id] as const] : [],
      warnings: [],
    }));
}

function spanRows(spans: readonly TimelineSpan[], sourceUrl: string | undefined): Row[] {
  const depths = new StringMap(spans.map(({ id, depth }) => [id, depth]));
  // A caller must be less deep than its calls. So parents never form a cycle, which Grafana could not show.
  const isCaller = (id: string, depth: number) => (depths.get(id) ?? Infinity) < depth;
  return spans.map((span) => {
    const { parentId, groupId, depth, file, line, tags } = span;
    const address = sourceUrl === undefined ? undefined : sourceAddress(sourceUrl, file, line);
    return {
      ...span,
      parentId: parentId !== undefined && isCaller(parentId, depth) ? parentId : groupId,
      tags: address === undefined ? tags : [...tags, ['source_url', address] as const],
    };
  });
}

function tagsJson(tags: TimelineSpan['tags']): string {
  return JSON.stringify(tags.map(([key, value]) => ({ key, value })));
}

/** Milliseconds since 1970 with their fraction. */
function milliseconds(ns: bigint): number {
  return Number(ns / NANOS_PER_MS) + Number(ns % NANOS_PER_MS) / 1e6;
}
