import { Float64, Int32, Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { ProxyError } from '../../base/errors/proxy-error';
import { readerOf } from '../lake-reader/testing/reader';
import { whatChangedFrames } from './what-changed-frames';
import { type Change, type ChangeKind, compareChanges, hasGrown } from './change';
import { windowOf } from './window';

const MINUTE = 60_000;
const ID = '00000000-0000-4000-8000-000000000001';
const bigints = (values: number[]) => vectorFromArray(values.map(BigInt), new Int64());
const times = (values: Array<number | null>) => vectorFromArray(values, new TimestampNanosecond());
const strings = (values: string[]) => vectorFromArray(values, new Utf8());

/** A group of processes of one version. */
interface Group {
  exe?: string;
  version?: string;
  id?: string;
  startMs?: number;
  started?: [before: number, after: number];
  ended?: [before: number, after: number];
  older?: number;
}

function processTable(groups: Group[]): Table {
  const numbers = (value: (group: Group) => number | undefined) => bigints(groups.map((group) => value(group) ?? 0));
  return new Table({
    exe: strings(groups.map(({ exe = 'game' }) => exe)),
    version: strings(groups.map(({ version = '' }) => version)),
    chosen: strings(groups.map(({ id = '' }) => id)),
    start: times(groups.map(({ startMs = 0 }) => startMs)),
    started_before: numbers(({ started }) => started?.[0]),
    started_after: numbers(({ started }) => started?.[1]),
    first_started: times(groups.map(() => 50 * MINUTE)),
    ended_before: numbers(({ ended }) => ended?.[0]),
    ended_after: numbers(({ ended }) => ended?.[1]),
    first_ended: times(groups.map(() => 51 * MINUTE)),
    older: numbers(({ older }) => older),
  });
}

function lineTable(rows: number): Table {
  const values = Array.from({ length: rows }, (_, index) => index);
  return new Table({
    process_id: strings(values.map(() => ID)),
    target: strings(values.map((index) => `t${index}`)),
    level: vectorFromArray(
      values.map(() => 4),
      new Int32()
    ),
    expected: vectorFromArray(
      values.map(() => 0),
      new Float64()
    ),
    after_lines: bigints(values.map(() => 1)),
    first_time: times(values.map((index) => index * MINUTE)),
    rank: bigints(values.map(() => 0)),
  });
}

/** Runs a query of one process for the ten minutes before 01:00. Returns its rows and its statements. */
async function changesOf(groups: Group[], lines: (sql: string) => number = () => 0, timezone?: string) {
  const sent: string[] = [];
  const lake = readerOf(({ sql }) => {
    sent.push(sql);
    return sql.includes('FROM processes AS p') ? processTable(groups) : lineTable(lines(sql));
  });
  const range = { fromMs: 50 * MINUTE, toMs: 60 * MINUTE };
  const [frame] = await whatChangedFrames({ processIds: [ID] }, { ...lake, range, timezone });
  const [changes] = frame.fields;
  return { rows: Array.from({ length: changes.values.length }, (_, row) => changes.values.at(row)), frame, sent };
}

it.each<[string, Group[], string[]]>([
  ['a process started', [{ started: [0, 1], older: 1 }], ['Process started']],
  ['nothing if the number of process starts is the same as before', [{ started: [60, 11], older: 60 }], []],
  ['many more processes start than before', [{ started: [60, 40], older: 60 }], ['4 times as many processes started']],
  ['a process ended', [{ ended: [0, 1], older: 1 }], ['Process ended']],
  [
    'a version is new',
    [
      { version: '1', older: 2 },
      { version: '2', started: [0, 3] },
    ],
    ['Process started', 'New version 2'],
  ],
  ['a known version starts again', [{ version: '1', started: [0, 1], older: 1 }], ['Process started']],
  ['the program is new', [{ version: '1', started: [0, 1] }], ['Process started']],
  [
    'a process of one of two programs ended',
    [
      { exe: 'a', ended: [0, 1], older: 1 },
      { exe: 'b', older: 1 },
    ],
    ['Process ended'],
  ],
])('reports: %s', async (_name, groups, expected) => {
  expect((await changesOf(groups)).rows).toEqual(expected);
});

it('shows at most 50 rows, with a notice', async () => {
  const { rows, frame, sent } = await changesOf([], (sql) => Number(/LIMIT (\d+)$/.exec(sql)?.[1]));
  expect(rows).toHaveLength(50);
  expect(frame.notices?.map(({ severity }) => severity)).toEqual(['info', 'warning']);
  expect(sent).toHaveLength(2);
});

it('adds a notice for too many versions, and reads the processes of the request first', async () => {
  const versions = Array.from({ length: 1000 }, (_, index) => ({ version: `v${index}` }));
  const { frame, sent } = await changesOf(versions);
  expect(frame.notices?.map(({ severity }) => severity)).toEqual(['info', 'warning']);
  expect(sent[0]).toMatch(/ORDER BY chosen DESC, exe, version LIMIT 1000$/);
  expect((await changesOf(versions.slice(1))).frame.notices).toHaveLength(1);
});

it('names the window in the time zone of the viewer, and shows numbers with separators', async () => {
  const { frame } = await changesOf([], () => 1, 'Asia/Tokyo');
  expect(frame.notices?.[0].text).toContain('"After" shows 1970-01-01 09:50:00 to 10:00:00 (Asia/Tokyo)');
  const units = frame.fields.flatMap(({ name, config }) => (config?.unit === 'locale' ? [name] : []));
  expect(units).toEqual(['before', 'after']);
});

it('does not say that nothing changed if no process matched', async () => {
  const notices = async (groups: Group[]) => (await changesOf(groups)).frame.notices?.map(({ text }) => text);
  expect(await notices([])).toEqual([expect.stringMatching(/^Nothing was compared: no process/)]);
  expect(await notices([{ older: 1 }])).toEqual([expect.stringMatching(/^Nothing is new/)]);
});

it('counts in log_entries if the server has no log_stats', async () => {
  const { sent } = await changesOf([], (sql) => {
    if (sql.includes('log_stats')) {
      throw new ProxyError('query_invalid');
    }
    return 0;
  });
  expect(sent.map((sql) => sql.includes('log_stats'))).toEqual([false, true, false]);
});

it.each([
  {
    name: 'the whole hour before the window if the process started earlier',
    startMs: -90 * MINUTE,
    expected: 'before_lines * 1.666667e-1',
  },
  {
    name: 'only the last 20 minutes before the window if the process started then',
    startMs: 30 * MINUTE,
    expected: `WHEN '${ID}' THEN 5.000000e-1 ELSE`,
  },
  {
    name: 'no earlier time if the process started in the window',
    startMs: 55 * MINUTE,
    expected: `WHEN process_id IN ('${ID}') THEN 2`,
  },
])('compares the window with $name', async ({ startMs, expected }) => {
  const { sent } = await changesOf([{ id: ID, startMs, older: 1 }]);
  expect(sent[1]).toContain(expected);
});

it.each([
  { name: 'a time', atMs: '2412345.5', nowMs: 600 * MINUTE, expected: [35, 46] },
  { name: 'the current time', atMs: '2412345', nowMs: 2_412_345, expected: [35, 41] },
  { name: 'a time in the future', atMs: '2412345', nowMs: 0, expected: [35, 36] },
  { name: 'a range', atMs: undefined, nowMs: 600 * MINUTE, expected: [10, 21] },
])('uses the full minutes around $name', ({ atMs, nowMs, expected }) => {
  const range = { fromMs: 10.5 * MINUTE, toMs: 20.1 * MINUTE };
  const { beforeMs, fromMs, toMs } = windowOf(
    { ...(atMs && { atMs }) },
    { ...readerOf(() => lineTable(0)), range, nowMs }
  );
  expect([fromMs, toMs].map((ms) => ms / MINUTE)).toEqual(expected);
  expect(fromMs - beforeMs).toBe(60 * MINUTE);
});

it('does not report random differences as growth', () => {
  expect([hasGrown(3, 6), hasGrown(3, 7), hasGrown(0.2, 3), hasGrown(10_000, 10_100)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

it('orders new lines by time, then increases by factor, then lines of new processes', () => {
  const change = (kind: ChangeKind, changes: Partial<Change>): Change => ({
    kind,
    exe: 'game',
    before: 1,
    after: 1,
    firstNs: 0n,
    ...changes,
  });
  const ordered = [
    change('new-lines', { firstNs: 1n, level: 2 }),
    change('started', { firstNs: 2n }),
    change('new-lines', { firstNs: 2n, level: 4, after: 9 }),
    change('new-lines', { firstNs: 2n, level: 4 }),
    change('more-lines', { before: 1, after: 9 }),
    change('more-ended', { before: 10, after: 40 }),
    change('first-lines', { level: 1 }),
    change('first-lines', { level: 4 }),
  ];
  expect(ordered.toReversed().sort(compareChanges)).toEqual(ordered);
});
