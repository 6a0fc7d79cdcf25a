/** Converts a service map to the frames of Grafana's node graph. */
import { thousands } from '../../frames/data-frames/format-count';
import { StringSet } from '../../../contract/string-map';
import { type ComposedField, type ComposedFrame, stringField } from '../../frames/data-frames/composed-frames';
import { type FieldConfig } from '../../frames/data-frames/column-display';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { stringBytes } from '../lake-reader/heap-count';
import { type ViewContext } from '../view-context';
import {
  type CallStats,
  endBytes,
  MAX_MAP_PROCESSES,
  type ServiceEdge,
  type ServiceMap,
  type ServiceNode,
} from './service-map';
import { serviceLinks } from './trace-links';

/** Maximum number of nodes. Grafana lays out at most this number. */
export const MAX_MAP_NODES = 1500;
/** Maximum number of edges. Further edges are left out. */
export const MAX_EDGES = 5000;
/** Thickness of the edge with the most calls, on a logarithmic scale that begins at 1. */
const MAX_THICKNESS = 6;

// Grafana's node graph shows `unit` unchanged, and does not format `detail__` fields.
const RATE: FieldConfig = { unit: 'req/s', decimals: 2 };
const MILLISECONDS: FieldConfig = { unit: 'ms', decimals: 1 };
const NS_PER_MS = 1_000_000;

/**
 * Two frames, `nodes` and `edges`. Keeps the nodes and edges with the most calls, up to the limits. Adds a notice if
 * others are left out.
 */
export async function serviceMapFrames(
  map: ServiceMap,
  { range, linkTarget, pace }: Pick<ViewContext, 'range' | 'linkTarget' | 'pace'>
): Promise<ComposedFrame[]> {
  const nodes = (await pace.sorted(map.nodes, byCalls)).slice(0, MAX_MAP_NODES);
  const ids = new StringSet();
  await pace.each(
    nodes,
    1,
    ({ id }) => ids.add(id),
    ({ id }) => stringBytes(id)
  );
  const drawable: ServiceEdge[] = [];
  const addDrawable = (edge: ServiceEdge) => ids.has(edge.source) && ids.has(edge.target) && drawable.push(edge);
  await pace.each(map.edges, 2, addDrawable, endBytes);
  const edges = (await pace.sorted(drawable, byCalls)).slice(0, MAX_EDGES);
  const seconds = Math.max(1, (range.toMs - range.fromMs) / 1000);
  const kind = { preferredVisualisationType: 'nodeGraph' } as const;
  const isTruncated = map.isTruncated || nodes.length < map.nodes.length || edges.length < drawable.length;
  return [
    { name: 'nodes', kind, fields: nodeFields(nodes, seconds, linkTarget), notices: noticesOf(map, isTruncated) },
    { name: 'edges', kind, fields: edgeFields(edges, seconds) },
  ];
}

const byCalls = (a: CallStats, b: CallStats) => b.calls - a.calls;

const number = (name: string, values: number[], config?: FieldConfig): ComposedField => ({
  kind: 'float64',
  name,
  values,
  ...(config !== undefined && { config }),
});

function nodeFields(nodes: readonly ServiceNode[], seconds: number, target: LinkTarget | undefined): ComposedField[] {
  const links = serviceLinks(target);
  const failed = nodes.map(errorShare);
  return [
    stringField(
      'id',
      nodes.map(({ id }) => id)
    ),
    stringField(
      'title',
      nodes.map(({ id }) => id.slice(id.lastIndexOf('/') + 1)),
      { displayName: 'Service' }
    ),
    stringField(
      'subtitle',
      nodes.map(({ id, isInstrumented }) =>
        isInstrumented ? id.slice(0, Math.max(0, id.lastIndexOf('/'))) : 'records no spans'
      ),
      { displayName: 'Namespace' }
    ),
    ...statFields(nodes, seconds),
    number(
      'arc__ok',
      failed.map((share) => 1 - share),
      { displayName: 'Successful', color: { mode: 'fixed', fixedColor: 'green' } }
    ),
    number('arc__errors', failed, { displayName: 'Failed', color: { mode: 'fixed', fixedColor: 'red' } }),
    { kind: 'bool', name: 'isInstrumented', values: nodes.map(({ isInstrumented }) => isInstrumented) },
    stringField(
      'service',
      nodes.map(({ id, isInstrumented }) => (isInstrumented ? id : undefined)),
      links.service === undefined ? undefined : { links: links.service }
    ),
  ];
}

function edgeFields(edges: readonly ServiceEdge[], seconds: number): ComposedField[] {
  const maxCalls = edges.reduce((calls, edge) => Math.max(calls, edge.calls), 1);
  return [
    stringField(
      'id',
      edges.map((_, index) => String(index))
    ),
    stringField(
      'source',
      edges.map(({ source }) => source)
    ),
    stringField(
      'target',
      edges.map(({ target }) => target)
    ),
    ...statFields(edges, seconds),
    number(
      'thickness',
      edges.map(({ calls }) => 1 + ((MAX_THICKNESS - 1) * Math.log1p(calls)) / Math.log1p(maxCalls))
    ),
    stringField(
      'color',
      edges.map((edge) => failureColor(errorShare(edge)))
    ),
  ];
}

/** The fields that both nodes and edges have. */
function statFields(items: readonly CallStats[], seconds: number): ComposedField[] {
  return [
    number(
      'mainstat',
      items.map(({ calls }) => calls / seconds),
      { ...RATE, displayName: 'Rate' }
    ),
    number(
      'secondarystat',
      items.map(({ meanNs }) => meanNs / NS_PER_MS),
      { ...MILLISECONDS, displayName: 'Average duration' }
    ),
    stringField(
      'detail__p95',
      items.map(({ p95Ns }) => (Number.isFinite(p95Ns) ? `${(p95Ns / NS_PER_MS).toFixed(1)} ms` : undefined)),
      { displayName: '95th percentile' }
    ),
    // A string field, because Grafana's node graph shows each number with two decimals.
    stringField(
      'detail__calls',
      items.map(({ calls }) => thousands(calls)),
      { displayName: 'Calls' }
    ),
    stringField(
      'detail__errors',
      items.map(({ errors }) => (errors === 0 ? undefined : thousands(errors))),
      { displayName: 'Errors' }
    ),
    stringField(
      'detail__error_share',
      items.map((item) => `${(errorShare(item) * 100).toFixed(1)} %`),
      { displayName: 'Share of errors' }
    ),
  ];
}

function errorShare({ calls, errors }: CallStats): number {
  return calls === 0 ? 0 : errors / calls;
}

/** The colors of a call that never fails, which is Grafana's color of edges, and of a call that always fails. */
const [NO_FAILURE, ALL_FAILED] = [
  [0x99, 0x99, 0x99],
  [0xf2, 0x49, 0x5c],
];

/** The color between these two that is as far from the first as the share of failed calls. @param share 0 to 1. */
function failureColor(share: number): string {
  const parts = NO_FAILURE.map((from, part) => Math.round(from + (ALL_FAILED[part] - from) * share));
  return `rgb(${parts.join(', ')})`;
}

function noticesOf({ hasMoreProcesses }: ServiceMap, isTruncated: boolean): Notice[] {
  return [
    ...(hasMoreProcesses
      ? [
          {
            severity: 'warning' as const,
            text: `Only the ${MAX_MAP_PROCESSES} processes with the newest data are in the map. Choose a shorter time range to see others.`,
          },
        ]
      : []),
    ...(isTruncated
      ? [
          {
            severity: 'warning' as const,
            text: `The map has too many services or calls. Only those with most calls are shown, at most ${MAX_MAP_NODES} services.`,
          },
        ]
      : []),
  ];
}
