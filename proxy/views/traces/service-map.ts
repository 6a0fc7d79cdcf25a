/**
 * Reads the calls between services. A call is a pair of parent and child spans in different services, or a span that
 * names the called service in an attribute. The server joins and counts the spans in one statement for all processes of
 * a map.
 */
import { StringMap, StringSet } from '../../../contract/string-map';
import { type TracesRequest } from '../../../contract/query-types/traces';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type Pace } from '../../base/async/turns';
import { type ViewContext } from '../view-context';
import { spanConditionsSql } from './span-conditions';
import { durationStatisticsSql } from './duration-statistics';
import { findProcesses, spansOf } from './trace-processes';

/** Maximum number of processes of one map. */
export const MAX_MAP_PROCESSES = 64;
/** Maximum number of rows of the result: services and pairs of services. */
const MAX_ROWS = 20_000;
/** Bytes of the objects of a row, of its node and of its edge, without their strings. */
const ROW_BYTES = 1000;
/** Number of copies of each string of a row: the string is also in keys and labels. */
const STRING_COPIES = 3;

/** Attributes in which a client or producer span names the called service, the best attribute first. */
const PEER_KEYS = [
  'peer.service',
  'server.address',
  'net.peer.name',
  'db.namespace',
  'db.system.name',
  'messaging.system',
];

/** Number and durations of calls in the range. */
export interface CallStats {
  calls: number;
  errors: number;
  /** Nanoseconds. */
  meanNs: number;
  /**
   * The 95th percentile in nanoseconds, with an error of at most 1 %. If several groups of calls were added up, the
   * value is an upper bound.
   */
  p95Ns: number;
}

/** A service with statistics of its entry spans: the spans that serve a call, receive a message or begin a trace. */
export interface ServiceNode extends CallStats {
  /** The program, or the name of a target that records no spans. */
  id: string;
  /** False for a name that is only a target of calls, such as a database. */
  isInstrumented: boolean;
}

/** The calls from one service to another. The services are identified by their ids. */
export interface ServiceEdge extends CallStats {
  source: string;
  target: string;
}

/** Services and their calls. */
export interface ServiceGraph {
  nodes: ServiceNode[];
  edges: ServiceEdge[];
}

/** All services and their calls, before display limits apply. */
export interface ServiceMap extends ServiceGraph {
  /** Number of processes whose spans were read. */
  processes: number;
  /** True if there are more processes than one map reads. */
  hasMoreProcesses: boolean;
  /** True if the row limit truncated the result, so that services or calls may be missing. */
  isTruncated: boolean;
}

type Part = 'service' | 'call' | 'peer';

/**
 * A row of the statement: the entry spans of a service, its calls to another service, or its calls to a target without
 * spans.
 */
export type MapRow = CallStats & { part: string; source: string; target: string };

/**
 * Reads the service map. If the request has services, the map contains only these services, their callers, and the
 * services that they call.
 */
export async function readServiceMap(lake: ViewContext, request: TracesRequest): Promise<ServiceMap> {
  const conditions = spanConditionsSql(request);
  const found = await findProcesses(lake, lake.range, { processId: request.processId });
  const processes = found.processes.slice(0, MAX_MAP_PROCESSES);
  const rows =
    processes.length === 0
      ? []
      : await readRows(
          lake,
          mapSql(
            processes.map(({ id }) => id),
            conditions
          )
        );
  await lake.pace.pause();
  const graph = await graphOf(rows.slice(0, MAX_ROWS), lake.pace);
  const services = request.services || [];
  return {
    ...(services.length === 0 ? graph : await partOf(graph, services, lake.pace)),
    processes: processes.length,
    hasMoreProcesses: found.isTruncated || found.processes.length > MAX_MAP_PROCESSES,
    isTruncated: rows.length > MAX_ROWS,
  };
}

/** Reads the calls between these processes, and to targets without spans, in the range of `lake`. */
export async function readCalls(lake: ViewContext, processIds: readonly string[]): Promise<readonly ServiceEdge[]> {
  const rows = await readRows(lake, mapSql(processIds, []));
  const { edges } = await graphOf(rows.slice(0, MAX_ROWS), lake.pace);
  return edges;
}

/** The calls that these services make or serve, and the services at both ends of the calls. */
async function partOf({ nodes, edges }: ServiceGraph, services: readonly string[], pace: Pace): Promise<ServiceGraph> {
  const [chosen, ends] = [new StringSet(services), new StringSet(services)];
  const shown: ServiceGraph = { nodes: [], edges: [] };
  const add = (edge: ServiceEdge) => {
    if (chosen.has(edge.source) || chosen.has(edge.target)) {
      shown.edges.push(edge);
      ends.add(edge.source).add(edge.target);
    }
  };
  await pace.each(edges, EDGE_VALUES, add, endBytes);
  await pace.each(
    nodes,
    1,
    (node) => ends.has(node.id) && shown.nodes.push(node),
    ({ id }) => stringBytes(id)
  );
  return shown;
}

async function readRows(lake: ViewContext, sql: string): Promise<MapRow[]> {
  const rows: MapRow[] = [];
  const heap = new HeapCount(lake.memory);
  const statement = { sql, range: lake.range, maxRows: MAX_ROWS + 1, columns: MAP_COLUMNS };
  for await (const batch of lake.read(statement)) {
    const [parts, sources, targets] = ['part', 'source', 'target'].map((name) => batch.strings(name));
    const [calls, errors] = ['calls', 'errors'].map((name) => batch.counts(name));
    const [means, p95s] = ['mean_ns', 'p95_ns'].map((name) => batch.numbers(name));
    for (let row = 0; row < batch.length; row++) {
      const [source, target] = [sources(row) ?? '', targets(row) ?? ''];
      heap.add(ROW_BYTES + stringBytes(source, target) * STRING_COPIES);
      rows.push({
        part: parts(row) ?? '',
        source,
        target,
        calls: calls[row],
        errors: errors[row],
        meanNs: means[row],
        p95Ns: p95s[row],
      });
    }
    heap.note();
  }
  return rows;
}

/** The columns of `mapSql`. */
const MAP_COLUMNS: ResultColumns = {
  part: 'string',
  source: 'string',
  target: 'string',
  calls: 'number',
  errors: 'number',
  mean_ns: 'number',
  p95_ns: 'number',
};

/** The statement for the calls between processes. It reads each process five times. */
export function mapSql(processIds: readonly string[], conditions: readonly string[]): string {
  const peer = `coalesce(${PEER_KEYS.map((key) => `CAST(property_get(properties, '${key}') AS VARCHAR)`).join(', ')})`;
  const columns = `exe, trace_id, span_id, parent_span_id, CAST(kind AS VARCHAR) AS kind, CAST(status AS VARCHAR) AS status, duration,
  CASE WHEN kind IN ('CLIENT', 'PRODUCER') THEN ${peer} END AS peer, ${matches(conditions)} AS is_wanted`;
  const entry = (name: Part, source: string, target: string, failed: string) =>
    `SELECT '${name}' AS part, ${source} AS source, ${target} AS target, duration, ${failed} AS failed`;
  const isError = "CASE WHEN status = 'ERROR' THEN 1 ELSE 0 END";
  return `WITH spans AS (
  ${spansOf(processIds, columns)}
), called AS (
  SELECT p.exe AS source, c.exe AS target,
    CASE WHEN p.kind = 'CLIENT' THEN p.duration ELSE c.duration END AS duration,
    CASE WHEN c.status = 'ERROR' OR p.status = 'ERROR' THEN 1 ELSE 0 END AS failed
  FROM spans c JOIN spans p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id
  WHERE c.is_wanted AND c.kind IN ('SERVER', 'CONSUMER') AND c.exe <> p.exe
), unanswered AS (
  SELECT s.exe, s.peer, s.duration, s.status FROM spans s
  WHERE s.is_wanted AND s.peer IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM spans c WHERE c.trace_id = s.trace_id AND c.parent_span_id = s.span_id AND c.exe <> s.exe
  )
), calls AS (
  ${entry('service', 'exe', "''", isError)} FROM spans
  WHERE is_wanted AND (kind IN ('SERVER', 'CONSUMER') OR parent_span_id IS NULL)
  UNION ALL
  ${entry('call', 'source', 'target', 'failed')} FROM called
  UNION ALL
  ${entry('peer', 'exe', 'peer', isError)} FROM unanswered
)
${durationStatisticsSql('calls', ['part', 'source', 'target'])}
LIMIT ${MAX_ROWS + 1}`;
}

function matches(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : `coalesce(${conditions.map((each) => `(${each})`).join(' AND ')}, false)`;
}

/** Number of values of an edge that a step of work reads, for `Pace`. */
const EDGE_VALUES = 8;

/** Bytes of the names of the services of a call. */
export function endBytes({ source, target }: Pick<ServiceEdge, 'source' | 'target'>): number {
  return stringBytes(source, target);
}

/** Returns the services and the calls between them. Works in steps, because names may be long. */
export async function graphOf(rows: readonly MapRow[], pace: Pace): Promise<ServiceGraph> {
  const nodes = new StringMap<ServiceNode>();
  const edges = new StringMap<ServiceEdge>();
  const eachOf = (part: Part, work: (row: MapRow) => void) =>
    pace.each(
      rows.filter((row) => row.part === part),
      EDGE_VALUES,
      work,
      endBytes
    );
  await eachOf('service', ({ source, calls, errors, meanNs, p95Ns }) =>
    nodes.set(source, { id: source, isInstrumented: true, calls, errors, meanNs, p95Ns })
  );
  await eachOf('call', (row) => {
    addService(nodes, row.source);
    addService(nodes, row.target);
    addEdge(edges, row, row.target);
  });
  // The target of one row may be the source of another row, so all sources are added first.
  await eachOf('peer', ({ source }) => addService(nodes, source));
  const instrumented = await servicesByName([...nodes.values()], pace);
  await eachOf('peer', (row) => {
    const service = instrumented.get(row.target);
    if (service === row.source) {
      return;
    }
    if (service === undefined) {
      const known = nodes.get(row.target);
      nodes.set(row.target, {
        id: row.target,
        isInstrumented: false,
        ...(known === undefined ? statsOf(row) : sumOf(known, row)),
      });
    }
    addEdge(edges, row, service ?? row.target);
  });
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** Adds a service without statistics. Such a service occurs only in rows about calls. */
function addService(nodes: StringMap<ServiceNode>, id: string): void {
  if (!nodes.has(id)) {
    nodes.set(id, { id, isInstrumented: true, calls: 0, errors: 0, meanNs: Number.NaN, p95Ns: Number.NaN });
  }
}

function addEdge(edges: StringMap<ServiceEdge>, row: MapRow, target: string): void {
  const key = JSON.stringify([row.source, target]);
  const known = edges.get(key);
  edges.set(key, { source: row.source, target, ...(known === undefined ? statsOf(row) : sumOf(known, row)) });
}

/**
 * Services by their program (`ember/web-gateway`), and by the last part of the program (`web-gateway`). If several
 * services have the same last part, the value of this part is undefined.
 */
async function servicesByName(services: readonly ServiceNode[], pace: Pace): Promise<StringMap<string | undefined>> {
  const names = new StringMap<string | undefined>();
  const idBytes = ({ id }: ServiceNode) => stringBytes(id);
  const addName = ({ id }: ServiceNode) => {
    const name = id.slice(id.lastIndexOf('/') + 1);
    names.set(name, names.has(name) ? undefined : id);
  };
  await pace.each(services, 1, addName, idBytes);
  await pace.each(services, 1, ({ id }) => names.set(id, id), idBytes);
  return names;
}

function statsOf({ calls, errors, meanNs, p95Ns }: CallStats): CallStats {
  return { calls, errors, meanNs, p95Ns };
}

/** The percentile of both groups of calls together is not known. The larger percentile is an upper bound. */
function sumOf(a: CallStats, b: CallStats): CallStats {
  const calls = a.calls + b.calls;
  return {
    calls,
    errors: a.errors + b.errors,
    meanNs: (a.meanNs * a.calls + b.meanNs * b.calls) / calls,
    p95Ns: Math.max(a.p95Ns, b.p95Ns),
  };
}
