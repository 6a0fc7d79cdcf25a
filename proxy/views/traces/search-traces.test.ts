/** Tests searches for traces. Most of them need several statements, because one statement reads only some processes. */
import { searchFrame } from './search-frame';
import { searchTraces } from './search-traces';
import { fakeLake, fakeProcesses, RANGE } from './testing/fake-lake';
import { MAX_TRACE_PROCESSES } from './trace-processes';

const viewsOf = (sql: string) => [...sql.matchAll(/view_instance\('otel_spans', '([^']+)'\)/g)].map(([, id]) => id);
const noticesOf = (result: Awaited<ReturnType<typeof searchTraces>>) =>
  (searchFrame(result, undefined).notices ?? []).map(({ text }) => text);

it('stops when enough traces are found, and reports the processes that were not searched', async () => {
  const processes = fakeProcesses(40);
  const lake = fakeLake(processes);
  const result = await searchTraces(lake, { view: 'search', limit: 10 });
  expect(result.traces).toHaveLength(10);
  const searched = lake.statements.filter(({ sql }) => sql.includes('process_id, min(start_ns)'));
  expect(searched.flatMap(({ sql }) => viewsOf(sql))).toEqual(processes.slice(0, 16).map(({ id }) => id));
  expect(searched.map(({ range }) => range)).toEqual([RANGE, RANGE]);
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
  const counted = lake.statements.filter(({ sql }) => sql.startsWith('WITH spans'));
  expect(counted.flatMap(({ sql }) => viewsOf(sql))).toHaveLength(MAX_TRACE_PROCESSES);
  expect(viewsOf(counted[0].sql)[0]).toBe(processes.at(-1)?.id);
  expect(counted[0].range).toEqual({ fromMs: RANGE.fromMs - 120_000, toMs: RANGE.fromMs + 120_000 });
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
