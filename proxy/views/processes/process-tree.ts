/** Processes with their parents and children as a node graph. */
import { formatCount, thousands } from '../../frames/data-frames/format-count';
import { StringMap, StringSet } from '../../../contract/string-map';
import { PROCESS_STATES, type ProcessesQuery } from '../../../contract/query-types/processes';
import { type ComposedField, type ComposedFrame, stringField } from '../../frames/data-frames/composed-frames';
import { type Notice } from '../../frames/data-frames/frame-options';
import { nothingFound } from '../nothing-found';
import { type ViewContext } from '../view-context';
import { processLinks } from './process-links';
import { type DescribedProcess, describeProcesses, noProcess, STATE_COLORS, truncation } from './process-list';
import { type ProcessRow } from './process-row';
import { checkedId, childProcesses, listProcesses, processesWithIds } from './read-processes';

/** Maximum number of levels of parents, and of children. */
export const MAX_TREE_DEPTH = 10;
/** Maximum number of nodes. Grafana lays out up to 1,500 nodes, but smaller graphs are readable. */
export const MAX_TREE_NODES = 500;

interface Found {
  processes: StringMap<ProcessRow>;
  notices: Notice[];
  /** True if there are relatives beyond the maximum number of levels or nodes. */
  hasMore: boolean;
}

/**
 * Returns the nodes and the edges of the graph.
 *
 * @throws {ProxyError} 'query_field_invalid' for an id that is not a UUID, and errors of the statements.
 */
export async function processTree(query: ProcessesQuery, lake: ViewContext): Promise<ComposedFrame[]> {
  const found = query.processId ? await around(checkedId(query.processId), lake) : await listedTrees(query, lake);
  const processes = await describeProcesses([...found.processes.values()], lake);
  const kind = { preferredVisualisationType: 'nodeGraph' } as const;
  return [
    {
      name: 'nodes',
      kind,
      fields: nodeFields(processes, lake),
      notices: found.hasMore ? [...found.notices, largerTree()] : found.notices,
    },
    { name: 'edges', kind, fields: edgeFields(processes) },
  ];
}

/** Reads a process, its ancestors and its descendants. */
async function around(id: string, lake: ViewContext): Promise<Found> {
  const found: Found = { processes: new StringMap(), notices: [], hasMore: false };
  await addParents(found, [id], lake, MAX_TREE_DEPTH + 1);
  if (found.processes.size === 0) {
    const range = lake.maxRangeMs === undefined ? undefined : lake.range;
    found.notices.push(nothingFound({ text: 'No process has this id', range, hasSearched: false }, lake));
  }
  await addChildren(found, [id], lake);
  return found;
}

/** Reads the processes of a list and their ancestors. */
async function listedTrees(query: ProcessesQuery, lake: ViewContext): Promise<Found> {
  const limit = Math.min(query.limit || MAX_TREE_NODES, MAX_TREE_NODES);
  const listed = await listProcesses({ ...query, limit }, lake);
  const found: Found = {
    processes: new StringMap(listed.processes.map((process) => [process.id, process])),
    notices: [...truncation(listed), ...(listed.processes.length > 0 ? [] : [noProcess(lake)])],
    hasMore: false,
  };
  await addParents(found, missingParents(found, listed.processes), lake, MAX_TREE_DEPTH);
  return found;
}

function missingParents({ processes }: Found, of: readonly ProcessRow[]): string[] {
  const parents = of.flatMap(({ parentId }) => (parentId === undefined || processes.has(parentId) ? [] : [parentId]));
  return [...new StringSet(parents)];
}

/** Reads processes, then their parents, level by level. @param ids The ids of the first level. */
async function addParents(found: Found, ids: readonly string[], lake: ViewContext, levels: number): Promise<void> {
  let next = ids;
  for (let level = 0; next.length > 0; level++) {
    const room = MAX_TREE_NODES - found.processes.size;
    const rows = room > 0 ? await processesWithIds(next.slice(0, room), lake) : [];
    if (level === levels) {
      found.hasMore ||= next.length > room || rows.length > 0;
      return;
    }
    rows.forEach((row) => found.processes.set(row.id, row));
    if (next.length > room) {
      found.hasMore = true;
      return;
    }
    next = missingParents(found, rows);
  }
}

async function addChildren(found: Found, ids: readonly string[], lake: ViewContext): Promise<void> {
  let next = ids;
  for (let level = 0; next.length > 0; level++) {
    const room = MAX_TREE_NODES - found.processes.size;
    // The result may contain processes that were already found. So the number of found processes is added to the limit.
    const rows = await childProcesses(next, room + found.processes.size + 1, lake);
    const more = rows.filter(({ id }) => !found.processes.has(id));
    if (level === MAX_TREE_DEPTH) {
      found.hasMore ||= more.length > 0;
      return;
    }
    more.slice(0, room).forEach((row) => found.processes.set(row.id, row));
    if (more.length > room) {
      found.hasMore = true;
      return;
    }
    next = more.map(({ id }) => id);
  }
}

function largerTree(): Notice {
  return {
    severity: 'warning',
    text: `Not all processes of the tree are shown: at most ${MAX_TREE_DEPTH} levels of parents and of children, and at most ${MAX_TREE_NODES} processes.`,
  };
}

/** Formats a time, because Grafana's node graph shows times as numbers. */
function formatSeconds(ns: bigint): string {
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function formatErrorCount(count: number): string {
  return count === 0 ? 'no errors' : formatCount(count, 'error');
}

function nodeFields(processes: readonly DescribedProcess[], lake: ViewContext) {
  const values = <T>(value: (process: DescribedProcess) => T): T[] => processes.map(value);
  const links = processLinks(lake.linkTarget).map(({ link }) => link);
  const time = (name: string, displayName: string, value: (process: DescribedProcess) => bigint | undefined) =>
    stringField(
      name,
      values(value).map((ns) => (ns === undefined ? undefined : formatSeconds(ns))),
      { displayName }
    );
  // A string field, because Grafana's node graph shows each number with two decimals.
  const lines = (name: string, displayName: string, value: (process: DescribedProcess) => number) =>
    stringField(
      name,
      values(value).map((count) => (count === 0 ? undefined : thousands(count))),
      { displayName }
    );
  return [
    stringField(
      'id',
      values(({ id }) => id),
      links.length > 0 ? { links } : undefined
    ),
    stringField(
      'title',
      values(({ exe }) => exe),
      { displayName: 'Program' }
    ),
    stringField(
      'subtitle',
      values(({ computer }) => computer),
      { displayName: 'Computer' }
    ),
    stringField(
      'mainstat',
      values(({ state }) => state),
      { displayName: 'State' }
    ),
    stringField(
      'secondarystat',
      values(({ fatal, error }) => formatErrorCount(fatal + error)),
      { displayName: 'Fatal lines and errors' }
    ),
    ...PROCESS_STATES.map((state): ComposedField => ({
      kind: 'float64',
      name: `arc__${state}`,
      values: values((process) => (process.state === state ? 1 : 0)),
      config: { displayName: state, color: { mode: 'fixed', fixedColor: STATE_COLORS[state] } },
    })),
    stringField(
      'detail__version',
      values(({ version }) => version),
      { displayName: 'Version' }
    ),
    stringField(
      'detail__username',
      values(({ username }) => username),
      { displayName: 'User' }
    ),
    time('detail__start', 'Start', ({ startNs }) => startNs),
    time('detail__last_seen', 'Last seen', ({ lastSeenNs }) => lastSeenNs),
    lines('detail__fatal', 'Fatal', ({ fatal }) => fatal),
    lines('detail__error', 'Errors', ({ error }) => error),
    lines('detail__warn', 'Warnings', ({ warn }) => warn),
  ] satisfies ComposedField[];
}

function edgeFields(processes: readonly DescribedProcess[]): ComposedField[] {
  const ids = new StringSet(processes.map(({ id }) => id));
  const edges = processes.filter(({ parentId }) => parentId !== undefined && ids.has(parentId));
  return [
    stringField(
      'id',
      edges.map(({ id, parentId }) => `${parentId} ${id}`)
    ),
    stringField(
      'source',
      edges.map(({ parentId }) => parentId)
    ),
    stringField(
      'target',
      edges.map(({ id }) => id)
    ),
  ];
}
