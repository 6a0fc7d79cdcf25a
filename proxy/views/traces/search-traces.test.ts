/** Tests searches for traces. Most of them need several statements, because one statement reads only some processes. */
import { searchFrame } from './search-frame';
import { ProxyError } from '../../base/errors/proxy-error';
import { type SearchResult, searchTraces } from './search-traces';
import { fakeLake, fakeProcesses, RANGE } from './testing/fake-lake';
import { MAX_TRACE_PROCESSES } from './trace-processes';

const viewsOf = (sql: string) => [...sql.matchAll(/view_instance\('otel_spans', '([^']+)'\)/g)].map(([, id]) => id);
const noticesOf = (result: Awaited<ReturnType<typeof searchTraces>>) =>
  (searchFrame(result, undefined).notices ?? []).map(({ text }) => text);

const EMPTY: SearchResult = {
  traces: [],
  searched: 0,
  skipped: [],
  late: [],
  hasMoreProcesses: false,
  isIncomplete: false,
};

it('stops when enough traces are found, and reports the processes that were not searched', async () => {
  const processes = fakeProcesses(40);
  const lake = fakeLake(processes);
  const result = await searchTraces(lake, { view: 'search', limit: 10 });
  expect(result.traces).toHaveLength(10);
  const [, ...searched] = lake.statements.slice(0, 3);
  expect(searched.flatMap(({ sql }) => viewsOf(sql))).toEqual(processes.slice(0, 16).map(({ id }) => id));
  const margin = { fromMs: RANGE.fromMs - 120_000, toMs: RANGE.toMs + 120_000 };
  expect(searched.map(({ range }) => range)).toEqual([margin, margin]);
  expect(lake.maxRunning()).toBe(2);
  expect(noticesOf(result)).toEqual([
    'Enough traces were found in the 16 processes with the newest data. 24 processes, which sent no data after 2023-11-14T23:13:19.984Z, were not searched.',
  ]);
});

it('reads further processes if too few traces are found, up to the maximum of one search', async () => {
  const lake = fakeLake(fakeProcesses(MAX_TRACE_PROCESSES + 1));
  const result = await searchTraces(lake, { view: 'search', limit: 1000 });
  expect(result.traces).toHaveLength(MAX_TRACE_PROCESSES);
  expect(noticesOf(result)).toEqual([
    'Only the 200 processes with the newest data belong to the search. Choose services or a shorter time range to search others.',
    'Traces may have spans of processes that were not searched. The numbers of a trace do not include these spans. Choose a shorter time range.',
  ]);
});

it('counts the spans of a found trace first in its process, then in processes that were not searched', async () => {
  const processes = fakeProcesses(MAX_TRACE_PROCESSES + 5, (index) =>
    index === MAX_TRACE_PROCESSES + 4 ? 'rare' : 'app'
  );
  const lake = fakeLake(processes);
  const { traces, searched } = await searchTraces(lake, { view: 'search', services: ['rare'] });
  expect(searched).toBe(1);
  expect(traces.map(({ rootExe }) => rootExe)).toEqual(['rare']);
  const reads = lake.statements.filter(({ sql }) => sql.includes('view_instance'));
  expect(reads.flatMap(({ sql }) => viewsOf(sql))).toHaveLength(MAX_TRACE_PROCESSES);
  expect(viewsOf(reads[0].sql)).toEqual([processes.at(-1)?.id]);
  expect(reads[1].range).toEqual({ fromMs: RANGE.fromMs - 120_000, toMs: RANGE.fromMs + 120_000 });
});

it.each([
  { name: 'without conditions reads each process once', request: {}, views: 6, statements: 2 },
  {
    name: 'with conditions reads each process twice',
    request: { kinds: ['SERVER' as const] },
    views: 12,
    statements: 3,
  },
])('a search in six processes $name', async ({ request, views, statements }) => {
  const lake = fakeLake(fakeProcesses(6));
  const { traces, isIncomplete } = await searchTraces(lake, { view: 'search', ...request });
  expect(traces.map(({ spans }) => spans)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(isIncomplete).toBe(false);
  expect(lake.statements).toHaveLength(statements);
  expect(lake.statements.flatMap(({ sql }) => viewsOf(sql))).toHaveLength(views);
});

it('adds up the spans that a trace has in several processes, and reads the others only if they were not counted', async () => {
  const traceId = 'a'.repeat(32);
  const lake = fakeLake(fakeProcesses(12).map((process) => ({ ...process, traceId })));
  const { traces } = await searchTraces(lake, { view: 'search' });
  // The fake returns one row for each process.
  expect(traces).toMatchObject([{ id: traceId, spans: 12 }]);
  expect(lake.statements).toHaveLength(3);
});

it('with failedFirst, returns failed traces before the others, within the limit', async () => {
  const lake = fakeLake(fakeProcesses(5).map((process, index) => ({ ...process, hasFailed: index === 4 })));
  const { traces } = await searchTraces(lake, { view: 'search', failedFirst: true, limit: 2 });
  expect(traces.map(({ errors }) => errors)).toEqual([1, 0]);
  const status = searchFrame({ ...EMPTY, traces }, undefined).fields[0];
  expect([status.name, status.values.at(0), status.values.at(1)]).toEqual(['status', 'failed', 'ok']);
});

it('with slowestFirst, reads all processes, and returns the traces with the longest spans', async () => {
  const lake = fakeLake(fakeProcesses(20).map((process, index) => ({ ...process, slowestNs: BigInt(index) })));
  const { traces, skipped } = await searchTraces(lake, { view: 'search', slowestFirst: true, limit: 16 });
  expect(traces.map(({ slowestNs }) => Number(slowestNs))).toEqual([
    19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
  ]);
  expect(skipped).toEqual([]);
});

it('returns what was found if some processes cannot be read in the time limit, and names these processes', async () => {
  const processes = fakeProcesses(6, (index) => `app-${index}`);
  const lake = fakeLake(processes, [processes[3].id], new ProxyError('query_timeout'));
  const result = await searchTraces(lake, { view: 'search' });
  expect(result.traces.map(({ rootExe }) => rootExe).sort()).toEqual(['app-0', 'app-1', 'app-4', 'app-5']);
  expect(result).toMatchObject({ searched: 4, isIncomplete: true });
  expect(noticesOf(result)[0]).toBe(
    'The time limit of the query did not suffice for 2 of 6 processes: "app-2", "app-3". Their traces are missing. Choose a shorter time range, a service or a process, or run the query again.'
  );
  expect(lake.statements.slice(1).every(({ limitMs = 0 }) => limitMs > 0 && limitMs < 60_000)).toBe(true);
});

it('names processes with newer spans whose time did not suffice, if other processes have enough traces', async () => {
  const processes = fakeProcesses(16, (index) => `app-${index}`);
  const lake = fakeLake(processes, [processes[0].id], new ProxyError('query_timeout'));
  const result = await searchTraces(lake, { view: 'search', limit: 8 });
  expect(result.late.map(({ id }) => id)).toEqual(processes.slice(0, 8).map(({ id }) => id));
  expect(result).toMatchObject({ searched: 8, skipped: [], isIncomplete: true });
});

it('sends no statements when the time limit is near', async () => {
  const lake = fakeLake(fakeProcesses(3));
  const result = await searchTraces({ ...lake, leftMs: () => 1000 }, { view: 'search' });
  expect(result).toMatchObject({ traces: [], searched: 0, skipped: [] });
  expect(result.late).toHaveLength(3);
});

it('sends no further statements if nothing is found', async () => {
  const lake = fakeLake([]);
  const result = await searchTraces(lake, { view: 'search' });
  expect(searchFrame(result, undefined)).toMatchObject({ notices: [] });
  expect(result.traces).toEqual([]);
  expect(lake.statements).toHaveLength(1);
});

it('throws the error of a statement only after all statements of the round have ended', async () => {
  const processes = fakeProcesses(20);
  const lake = fakeLake(processes, [processes[9].id]);
  await expect(searchTraces(lake, { view: 'search' })).rejects.toThrow('failed');
  expect(lake.statements).toHaveLength(3);
});
