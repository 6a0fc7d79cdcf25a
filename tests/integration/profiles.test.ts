/** Tests profiles of the demo's lakehouse over the plugin protocol. */
import { type ProfileParts, type ProfileRequest } from '../../contract/query-types/profile';
import { processByKey, streamId } from '../../demo/lakehouse/story';
import { ALL_TESTS } from '../support/all-tests';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, type ReadFrame, readFrames, repeatedNames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

/** The crashed game server, which records no more spans. */
const SERVER = processByKey('server').id;
const MAIN = streamId(SERVER, 'cpu');

interface Range {
  fromMs: number;
  toMs: number;
}

/** Milliseconds since 1970. */
let crashMs: number;

beforeAll(async () => {
  const query = 'SELECT max(time) AS time FROM log_entries WHERE level = 1';
  crashMs = Number(
    onlyFrame(await runQuery(lab.plugin, lab.source, { query, version: 2, timeFilter: false })).column('time')[0]
  );
}, 60_000);

function ask(profile: Partial<ProfileRequest>, range: Range, settings: object = {}) {
  const model = { queryType: 'profile', profile: { view: 'flame-graph', processId: SERVER, ...profile } as const };
  const source = { ...lab.source, jsonData: { ...lab.source.jsonData, ...settings } };
  return runQuery(lab.plugin, source, { query: '', version: 2, ...model }, { range });
}

async function framesOf(profile: Partial<ProfileRequest>, range: Range): Promise<ReadFrame[]> {
  const response = await ask(profile, range);
  expect(response.error).toBe('');
  return readFrames(response);
}

/** The rows that a statement of the test returns. */
async function sqlRows(query: string, range: Range): Promise<Array<Record<string, unknown>>> {
  const frame = onlyFrame(await runQuery(lab.plugin, lab.source, { query, version: 2, autoLimit: false }, { range }));
  const names = Object.keys(frame.types);
  return Array.from({ length: frame.rowCount }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, frame.column(name)[row]]))
  );
}

const minute = (): Range => ({ fromMs: crashMs - 70_000, toMs: crashMs - 10_000 });

/** Total time, calls and own time by function. */
function functionsOf(frame: ReadFrame): Map<string, number[]> {
  const columns = ['Total', 'Calls', 'Self'].map((name) => frame.column(name).map(Number));
  return new Map(frame.column('Function').map((name, row) => [String(name), columns.map((column) => column[row])]));
}

function json(frame: ReadFrame, name: string): unknown[] {
  return frame.column(name).map((bytes) => JSON.parse(new TextDecoder().decode(bytes as Uint8Array)));
}

it.each(['flame-graph', 'timeline'] as const)('gives the columns of a %s different names', async (view) => {
  const frames = await framesOf({ view, streamId: MAIN }, minute());
  expect(frames.map(repeatedNames)).toEqual(frames.map(() => []));
});

describe('a flame graph', () => {
  it.each([
    ['all threads', {}, `process_spans('${SERVER}', 'thread')`],
    ['a thread', { streamId: MAIN }, `view_instance('thread_spans', '${MAIN}')`],
  ])('of %s has the times that SQL computes, limited to the range', async (_name, request, table) => {
    const range = minute();
    const [flame, functions] = await framesOf(request, range);
    const [from, to] = [BigInt(range.fromMs), BigInt(range.toMs)].map((ms) => ms * 1_000_000n);
    const counted = await sqlRows(
      `SELECT name, count(*) AS calls, sum(least(cast("end" AS bigint), ${to}) - greatest(cast("begin" AS bigint), ${from})) AS total
       FROM ${table} WHERE depth > 0 GROUP BY name`,
      range
    );
    expect(counted.length).toBeGreaterThan(10);
    const times = functionsOf(functions);
    expect(Object.fromEntries(Array.from(times, ([name, [total, calls]]) => [name, [total, calls]]))).toEqual(
      Object.fromEntries(counted.map(({ name, total, calls }) => [name, [Number(total), Number(calls)]]))
    );
    const values = flame.column('value').map(Number);
    const selves = flame.column('self').map(Number);
    expect(flame.column('level')[0]).toBe(0);
    expect(selves.reduce((sum, self) => sum + self, 0)).toBe(values[0]);
    expect(Array.from(times.values()).reduce((sum, [, , self]) => sum + self, 0)).toBe(values[0]);
  });

  it('names the threads, and has tables of the slowest calls and of the threads', async () => {
    const [flame, functions, slowest, threads] = await framesOf({}, minute());
    const names = (flame.config('label') as { type: { enum: { text: string[] } } }).type.enum.text;
    const labels = flame.column('label').map((label) => names[Number(label)]);
    const levels = flame.column('level').map(Number);
    const expected = threads.column('Name').map(String);
    expect(labels.filter((_, row) => levels[row] === 1)).toEqual(expected);
    expect(expected.map((name) => name.replace(/-\d+$/, ''))).toEqual(['main', 'net-io']);
    expect(functionsOf(functions).keys().next().value).toBe('compare_regions');
    expect(slowest.rowCount).toBe(20);
    expect(new Set(slowest.column('Function'))).toEqual(new Set(['frame']));
    expect(Number(slowest.column('Duration')[0])).toBeGreaterThan(70e6);
  });

  it('marks the functions as a table, so that Explore shows them below the flame graph', async () => {
    const [, functions, slowest, threads] = await framesOf({}, minute());
    expect(functions.meta).toMatchObject({ type: 'table', preferredVisualisationPluginId: 'table' });
    // Explore has one panel of each type, which shows only the first frame.
    expect([slowest, threads].map(({ meta }) => meta.preferredVisualisationPluginId)).toEqual([undefined, undefined]);
    // Explore merges tables that share the name of a field.
    const names = new Set(Object.keys(slowest.types));
    expect(Object.keys(threads.types).filter((name) => names.has(name))).toEqual([]);
    // Explore's own table shows hidden columns too, so they have display names.
    expect(threads.config('streamId')).toMatchObject({ displayName: 'Timeline of this thread' });
    for (const [name, displayName] of [
      ['timelineBeginNs', 'Timeline'],
      ['graphBeginNs', 'Flame graph'],
    ]) {
      const begins = slowest.column(name).map(String);
      const { mappings, links } = slowest.config(name);
      expect(mappings).toEqual([
        {
          type: 'value',
          options: Object.fromEntries(begins.map((begin, index) => [begin, { text: displayName, index }])),
        },
      ]);
      expect(links).toMatchObject([{ title: `${displayName} of this call` }]);
    }
  });

  it('shows only the slow call whose link in the table is opened', async () => {
    const [, , slowest] = await framesOf({}, minute());
    const length = Number(slowest.column('Duration')[0]);
    const moment = { beginNs: String(slowest.column('graphBeginNs')[0]), endNs: `+${length}` };
    const [, functions] = await framesOf(moment, { fromMs: 0, toMs: 1 });
    expect(functionsOf(functions).get('frame')!.slice(0, 2)).toEqual([length, 1]);
  });

  it('shows the calls of one function, and asynchronous tasks by name', async () => {
    const [, physics] = await framesOf({ root: 'physics' }, minute());
    expect([...functionsOf(physics).keys()].sort()).toEqual(['broad_phase', 'physics', 'solve_islands']);
    const [, tasks] = await framesOf({ spans: ['async'] }, minute());
    expect([...functionsOf(tasks).keys()].sort()).toEqual([
      'await_session',
      'join_player',
      'load_profile',
      'reserve_slot',
    ]);
  });

  it('has a notice if there are no calls in the range', async () => {
    const [functions] = await framesOf({}, { fromMs: crashMs + 60_000, toMs: crashMs + 61_000 });
    expect(functions.rowCount).toBe(0);
    expect(functions.meta.notices).toMatchObject([
      { text: expect.stringMatching(/^The process has no calls from .*were searched\.$/) },
    ]);
  });
});

it('shows the newest part of many days, lists all parts, and lists the slowest calls of the whole range', async () => {
  const days = ALL_TESTS ? 30 : 7;
  const range = { fromMs: crashMs - days * 86_400_000, toMs: crashMs + 60_000 };
  const [{ meta }, functions, slowest] = await framesOf({}, range);
  expect(meta.notices?.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^Flame graph of .+ to .+, a part of the range\./),
  ]);
  const { profileParts: parts } = meta.custom as ProfileParts;
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.slice(0, -1).map(({ beginMs }) => beginMs)).toEqual(parts.slice(1).map(({ endMs }) => endMs));
  const calls = functions.column('Calls').reduce<number>((sum, each) => sum + Number(each), 0);
  // If a part of one hour has more calls than a flame graph shows, the newest calls are shown. Calls that began before
  // the part are shown too.
  const shown = Math.min(parts[0].calls, 1_000_000);
  expect(calls).toBeGreaterThan(shown * 0.95);
  expect(calls).toBeLessThan(shown + 30);
  // One more statement counts such an hour in shorter bins.
  const statements = parts[0].calls > 1_000_000 ? 5 : 4;
  expect(meta.executedQueryString!.split(';\n\n')).toHaveLength(statements);
  const sql = `SELECT max(duration) AS longest FROM process_spans('${SERVER}', 'thread') WHERE depth = 1`;
  const [{ longest }] = await sqlRows(sql, range);
  expect([slowest.rowCount, Number(slowest.column('Duration')[0])]).toEqual([20, Number(longest)]);
}, 120_000);

describe('a timeline', () => {
  /** A frame of the game. */
  async function slowestFrame(): Promise<{ beginNs: string; endNs: string }> {
    const [, , slowest] = await framesOf({}, minute());
    const beginNs = String(slowest.column('timelineBeginNs')[0]);
    return { beginNs, endNs: String(BigInt(beginNs) + BigInt(Number(slowest.column('Duration')[0]))) };
  }

  it('of a frame has every call below its caller and its thread', async () => {
    const moment = await slowestFrame();
    const [trace] = await framesOf({ view: 'timeline', ...moment }, minute());
    const range = {
      fromMs: Number(BigInt(moment.beginNs) / 1_000_000n),
      toMs: Number(BigInt(moment.endNs) / 1_000_000n) + 1,
    };
    const calls = await sqlRows(
      `SELECT stream_id, id, parent, name, thread_name FROM process_spans('${SERVER}', 'thread') WHERE id >= 0`,
      range
    );
    const [ids, parents, names, services] = ['spanID', 'parentSpanID', 'operationName', 'serviceName'].map((name) =>
      trace.column(name)
    );
    const rows = ids.map((id, row) => ({ id, parent: parents[row], name: names[row], service: services[row] }));
    for (const { stream_id: stream, id, parent, name, thread_name: service } of calls) {
      const caller = Number(parent) < 0 ? stream : `${String(stream)}/${String(parent)}`;
      expect(rows).toContainEqual({ id: `${String(stream)}/${String(id)}`, parent: caller, name, service });
    }
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    expect(parents.filter((parent) => parent !== null && !known.has(parent))).toEqual([]);
    expect(new Set(services)).toEqual(new Set([...calls.map(({ thread_name: name }) => name), 'Asynchronous tasks']));
    // All calls are within the frame.
    const begins = trace.column('startTime').map(Number);
    expect(Math.min(...begins)).toBeCloseTo(Number(moment.beginNs) / 1e6, 2);
    const length = Number(BigInt(moment.endNs) - BigInt(moment.beginNs)) / 1e6;
    expect(Math.max(...trace.column('duration').map(Number))).toBe(length);
  });

  it('shows a task without an end up to the end of the range, with a warning', async () => {
    const [trace] = await framesOf(
      { view: 'timeline', spans: ['async'] },
      { fromMs: crashMs - 2000, toMs: crashMs + 5000 }
    );
    const warnings = json(trace, 'warnings') as string[][];
    const open = warnings.flatMap((messages, row) =>
      messages.includes('The task did not end in the time range.') ? [row] : []
    );
    expect(open.length).toBeGreaterThan(3);
    const [begins, durations] = [trace.column('startTime').map(Number), trace.column('duration').map(Number)];
    open.forEach((row) => expect(begins[row] + durations[row]).toBeCloseTo(crashMs + 5000, 2));
  });

  it('nests network messages by their parents', async () => {
    const [trace] = await framesOf(
      { view: 'timeline', spans: ['net'] },
      { fromMs: crashMs - 12_000, toMs: crashMs - 10_000 }
    );
    const [ids, parents, names] = ['spanID', 'parentSpanID', 'operationName'].map((name) =>
      trace.column(name).map(String)
    );
    const nameOf = new Map(ids.map((id, row) => [id, names[row]]));
    const pairs = new Set(names.map((name, row) => `${nameOf.get(parents[row]) ?? ''} > ${name}`));
    expect([...pairs].sort()).toEqual(
      [' > Network', 'Network > session', 'session > Player', 'Player > position', 'position > Move'].sort()
    );
    expect((json(trace, 'tags') as Array<Array<{ key: string }>>)[1].map(({ key }) => key)).toEqual(
      expect.arrayContaining(['kind', 'connection', 'direction', 'bits'])
    );
  });

  it('has the longest spans of a long range', async () => {
    const [trace] = await framesOf({ view: 'timeline' }, minute());
    expect(trace.meta.notices).toMatchObject([
      { severity: 'warning', text: expect.stringContaining('10,000 longest') as string },
    ]);
    // The rows are four groups, such as threads, and the 10,000 longest spans with their callers.
    expect(trace.rowCount).toBe(10_004);
    const known = new Set(trace.column('spanID'));
    expect(trace.column('parentSpanID').filter((parent) => parent !== null && !known.has(parent))).toEqual([]);
  });

  it('says that no span is a call of the root function', async () => {
    const range = { fromMs: crashMs - 12_000, toMs: crashMs - 11_000 };
    const [trace] = await framesOf({ view: 'timeline', root: 'no such function' }, range);
    expect(trace.rowCount).toBe(0);
    expect(trace.meta.notices).toMatchObject([
      { severity: 'info', text: 'None of the spans in this time range is a call of the root function.' },
    ]);
  });
});

it.each([
  [
    'a process of OpenTelemetry',
    { processId: processByKey('matchmaker').id },
    'profile_not_available',
    'It has log messages, metrics, OpenTelemetry spans.',
  ],
  [
    'an unknown process',
    { processId: '00000000-1111-4222-8333-444444444444' },
    'profile_not_available',
    'No process with this id',
  ],
  [
    'a stream of another process',
    { streamId: streamId(processByKey('editor').id, 'cpu') },
    'profile_not_available',
    'which has 2',
  ],
  ['an id that is not a UUID', { processId: "x' OR '1'='1" }, 'query_field_invalid', 'not a UUID'],
  ['a range that ends before it begins', { beginNs: '5', endNs: '4' }, 'query_field_invalid', 'ends before it begins'],
  ['a range without length', { beginNs: '5', endNs: '+0' }, 'query_field_invalid', 'begins and ends at the same time'],
  ['network messages as a flame graph', { spans: ['net'] }, 'query_field_invalid', 'threads or asynchronous tasks'],
] as Array<[string, Partial<ProfileRequest>, string, string]>)('rejects %s', async (_name, profile, code, message) => {
  const { error } = await ask(profile, minute());
  expect(codeOf(error)).toBe(code);
  expect(error).toContain(message);
});

it.each(['flame-graph', 'timeline'] as const)('applies `maxRangeHours` to the times of a %s', async (view) => {
  const settings = { maxRangeHours: 1 };
  const { error } = await ask({ view, beginNs: '0', endNs: '9000000000000000000' }, minute(), settings);
  expect(codeOf(error)).toBe('time_range_too_long');
  expect(error).toContain('The range is 2500000 hours long; the limit is 1 hour.');
  const { fromMs, toMs } = minute();
  const day = { fromMs: toMs - 86_400_000, toMs };
  expect((await ask({ view, beginNs: `${fromMs}000000`, endNs: `${toMs}000000` }, day, settings)).error).toBe('');
});
