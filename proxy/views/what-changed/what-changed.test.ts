import { Float64, Int32, Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { ProxyError } from '../../base/errors/proxy-error';
import { readerOf } from '../lake-reader/testing/reader';
import { whatChangedFrames } from './what-changed-frames';
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { type Change, type ChangeKind, changeOrder, hasGrown } from './change';
import { MAX_LINE_GROUPS, MAX_PROGRAM_PROCESSES } from './program-lines';
import { limitedRange, windowOf } from './window';

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
    processes: numbers(() => 1),
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
  ['a process started', [{ started: [0, 1], older: 1 }], ['Check process start']],
  ['nothing if the number of process starts is the same as before', [{ started: [60, 11], older: 60 }], []],
  ['many more processes start than before', [{ started: [60, 40], older: 60 }], ['Check starts (4×)']],
  ['a process ended', [{ ended: [0, 1], older: 1 }], ['Check process end']],
  [
    'a version is new',
    [
      { version: '1', older: 2 },
      { version: '2', started: [0, 3] },
    ],
    ['Check process start', 'Check new version 2'],
  ],
  ['a known version starts again', [{ version: '1', started: [0, 1], older: 1 }], ['Check process start']],
  ['the program is new', [{ version: '1', started: [0, 1] }], ['Check process start']],
  [
    'a process of one of two programs ended',
    [
      { exe: 'a', ended: [0, 1], older: 1 },
      { exe: 'b', older: 1 },
    ],
    ['Check process end'],
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
  const versions = Array.from({ length: 1000 }, (_, index) => ({ version: `v${index}`, id: ID }));
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

it.each<{ name: string; request: WhatChangedRequest; nowMs: number; maxRangeMs?: number; expected: number[] }>([
  { name: 'a time', request: { atMs: '2412345.5' }, nowMs: 600 * MINUTE, expected: [-50, 10, 46] },
  { name: 'the current time', request: { atMs: '2412345' }, nowMs: 2_412_345, expected: [-50, 10, 41] },
  { name: 'a time in the future', request: { atMs: '2412345' }, nowMs: 0, expected: [-50, 10, 11] },
  { name: 'a time, two hours', request: { atMs: '2412345', lookBack: '2h' }, nowMs: 1e9, expected: [-206, -80, 46] },
  { name: 'a time, a day', request: { atMs: '2412345', lookBack: '24h' }, nowMs: 1e9, expected: [-2846, -1400, 46] },
  {
    name: 'a time, two hours, with a longest range of three hours',
    request: { atMs: '2412345', lookBack: '2h' },
    nowMs: 1e9,
    maxRangeMs: 180 * MINUTE,
    expected: [-140, -80, 46],
  },
  { name: 'a range', request: {}, nowMs: 600 * MINUTE, expected: [-50, 10, 21] },
])('uses the full minutes of $name, and the time before', ({ request, nowMs, maxRangeMs, expected }) => {
  const range = { fromMs: 10.5 * MINUTE, toMs: 20.1 * MINUTE };
  const { beforeMs, fromMs, toMs } = windowOf(request, { range, nowMs, maxRangeMs });
  expect([beforeMs, fromMs, toMs].map((ms) => ms / MINUTE)).toEqual(expected);
});

it('limits the range of the query, and a chosen window', () => {
  const range = { fromMs: 0, toMs: 1 };
  const lengthOf = (request: WhatChangedRequest) => {
    const { fromMs, toMs } = limitedRange(request, range);
    return toMs - fromMs;
  };
  expect([{}, { atMs: '9e6' }, { atMs: '9000000' }, { lookBack: '2h' as const }].map(lengthOf)).toEqual([1, 1, 1, 1]);
  expect(lengthOf({ atMs: '9000000', lookBack: '2h' })).toBe(125 * MINUTE);
});

it('does not report random differences as growth', () => {
  expect([hasGrown(3, 6), hasGrown(3, 7), hasGrown(0.2, 3), hasGrown(10_000, 10_100)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

describe('order', () => {
  const change = (kind: ChangeKind, changes: Partial<Change>): Change => ({
    kind,
    exe: 'game',
    before: 1,
    after: 1,
    firstNs: 0n,
    ...changes,
  });
  const rest = [
    change('more-lines', { before: 1, after: 9 }),
    change('more-ended', { before: 10, after: 40 }),
    change('first-lines', { level: 1 }),
    change('first-lines', { level: 4 }),
  ];

  it('without a moment: new lines by time, then increases by factor, then lines of new processes', () => {
    const ordered = [
      change('new-lines', { firstNs: 1n, level: 2 }),
      change('started', { firstNs: 2n }),
      change('new-lines', { firstNs: 2n, level: 4, after: 9 }),
      change('new-lines', { firstNs: 2n, level: 4 }),
      ...rest,
    ];
    expect(ordered.toReversed().sort(changeOrder(undefined))).toEqual(ordered);
  });

  it('with a moment: the closest before the moment first, then what began after it', () => {
    const ms = (time: number) => BigInt(time) * 1_000_000n;
    const ordered = [
      change('new-lines', { firstNs: ms(10), level: 4 }),
      change('ended', { firstNs: ms(9) }),
      change('new-lines', { firstNs: ms(2), level: 2 }),
      change('started', { firstNs: ms(11) }),
      change('new-lines', { firstNs: ms(30), level: 1 }),
      ...rest,
    ];
    expect(ordered.toReversed().sort(changeOrder(10))).toEqual(ordered);
  });
});

/** Runs a query by program, or for the whole lakehouse. */
async function programChanges(
  request: WhatChangedRequest,
  {
    lines,
    programs = Object.fromEntries(lines.map(({ id }) => [id, 'game'])),
    groups = [{}],
  }: { lines: LinesOfProcess[]; programs?: Record<string, string>; groups?: Group[] }
) {
  const sent: string[] = [];
  const lake = readerOf(({ sql }) => {
    sent.push(sql);
    if (sql.includes('FROM blocks')) {
      return new Table({ process_id: strings(Object.keys(programs)), exe: strings(Object.values(programs)) });
    }
    return sql.includes('FROM processes AS p')
      ? processTable(groups)
      : 'processIds' in request
        ? lineTable(0)
        : linesByProcess(lines);
  });
  const range = { fromMs: 50 * MINUTE, toMs: 60 * MINUTE };
  const [frame] = await whatChangedFrames(request, { ...lake, range });
  const valuesOf = (name: string) => {
    const { values } = frame.fields.find((field) => field.name === name) ?? { values: [] };
    return Array.from({ length: values.length }, (_, row) => values.at(row));
  };
  const rows = valuesOf('change').map((_, row) =>
    ['change', 'program', 'target', 'before', 'after'].map((name) => valuesOf(name)[row])
  );
  return { rows, notices: frame.notices ?? [], sent, frame };
}

interface LinesOfProcess {
  id: string;
  target: string;
  before: number;
  after: number;
}

function linesByProcess(lines: LinesOfProcess[]): Table {
  return new Table({
    process_id: strings(lines.map(({ id }) => id)),
    target: strings(lines.map(({ target }) => target)),
    level: vectorFromArray(
      lines.map(() => 4),
      new Int32()
    ),
    before_lines: bigints(lines.map(({ before }) => before)),
    after_lines: bigints(lines.map(({ after }) => after)),
    first_time: times(lines.map(({ after }) => (after > 0 ? 55 * MINUTE : null))),
  });
}

const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

it('shows the columns up to the program in half a page of 1,440 pixels', async () => {
  const { frame } = await programChanges({ exe: 'game' }, { lines: [{ id: ID, target: 't', before: 0, after: 1 }] });
  const shown = frame.fields.slice(0, 6).map(({ name, config }) => {
    const { width, minWidth } = config?.custom as { width?: number; minWidth?: number };
    return { name, pixels: width ?? minWidth ?? Infinity };
  });
  expect(shown.at(-1)?.name).toBe('program');
  // The borders around a table take 50 of 720 pixels in Grafana.
  expect(shown.reduce((sum, { pixels }) => sum + pixels, 0)).toBeLessThanOrEqual(670);
});

it('adds up the processes of each program in the whole lakehouse', async () => {
  const [api1, api2, web, late] = [1, 2, 3, 4].map(idOf);
  const { rows, notices, sent } = await programChanges(
    { scope: 'lakehouse', exe: 'ignored' },
    {
      programs: { [api1]: 'api', [api2]: 'api', [web]: 'web' },
      lines: [
        // New in one process, but not in its program.
        { id: api1, target: 'http', before: 0, after: 10 },
        { id: api2, target: 'http', before: 60, after: 0 },
        { id: web, target: 'http', before: 60, after: 30 },
        { id: web, target: 'config', before: 0, after: 1 },
        { id: late, target: 'late', before: 0, after: 2 },
      ],
    }
  );
  expect(rows).toEqual([
    ['Read new lines', 'web', 'config', 0, 1],
    ['Read lines (3×)', 'web', 'http', 10, 30],
    // All lines of a program without earlier lines are new, so they come last.
    ['Read first lines', '', 'late', 0, 2],
  ]);
  expect(notices.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^The column "After"/),
    'The program of 1 process was not found. Its lines are listed without a program.',
  ]);
  expect(sent.join()).not.toContain('ignored');
  expect(sent).toHaveLength(3);
});

it('compares the processes of a program by their ids, which a statement on blocks finds', async () => {
  const lines = [{ id: ID, target: 't', before: 0, after: 1 }];
  const { rows, sent } = await programChanges({ exe: 'game' }, { lines });
  expect(rows).toEqual([['Read new lines', 'game', 't', 0, 1]]);
  expect(sent).toHaveLength(3);
  expect(sent[1]).toContain(`FROM blocks\nWHERE "processes.exe" IN ('game')`);
  expect(sent[2]).toContain(`process_id IN ('${ID}')`);
});

it('says that some lines were not compared if there are too many', async () => {
  const many = Array.from({ length: MAX_LINE_GROUPS + 1 }, (_, index) => ({
    id: ID,
    target: `t${index}`,
    before: 9,
    after: 1,
  }));
  const { rows, notices } = await programChanges({ exe: 'game' }, { lines: many });
  expect(rows).toEqual([]);
  expect(notices[1].text).toMatch(/^Only the 20,000 combinations of process, target and level with most lines/);
  expect((await programChanges({ exe: 'game' }, { lines: many.slice(1) })).notices).toHaveLength(1);
});

it('says that the lines of some processes were not read if the program has too many', async () => {
  const lines = [{ id: ID, target: 't', before: 9, after: 9 }];
  const programs = Object.fromEntries(
    Array.from({ length: MAX_PROGRAM_PROCESSES + 1 }, (_, index) => [idOf(index), 'game'])
  );
  const { notices, sent } = await programChanges({ exe: 'game' }, { lines, programs });
  expect(notices.slice(1).map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^The programs have too many processes\. Only the lines of the 2,000 processes with the newest data/
    ),
  ]);
  expect(sent[2]).not.toContain(idOf(MAX_PROGRAM_PROCESSES));
  const fewer = Object.fromEntries(Object.entries(programs).slice(1));
  expect((await programChanges({ exe: 'game' }, { lines, programs: fewer })).notices).toHaveLength(1);
});

it.each([
  [48, 0],
  [49, 1],
])('says that callees are missing beside %i processes: %i warnings', async (count, warnings) => {
  const processIds = Array.from({ length: count }, (_, index) => idOf(index));
  const found = [processIds[0], idOf(100), idOf(101)];
  const lake = readerOf(({ sql }) =>
    sql.includes('FROM blocks')
      ? new Table({
          process_id: strings(found),
          exe: strings(['api', 'db', 'db']),
          last_seen: times(found.map(() => 55 * MINUTE)),
        })
      : sql.includes('view_instance')
        ? new Table({
            part: strings(['call']),
            source: strings(['api']),
            target: strings(['db']),
            ...Object.fromEntries(['calls', 'errors', 'mean_ns', 'p95_ns'].map((name) => [name, bigints([1])])),
          })
        : sql.includes('FROM processes AS p')
          ? processTable([{ id: processIds[0] }])
          : lineTable(0)
  );
  const range = { fromMs: 50 * MINUTE, toMs: 60 * MINUTE };
  const [frame] = await whatChangedFrames({ processIds, scope: 'callers-and-callees' }, { ...lake, range });
  expect(frame.notices?.filter(({ text }) => text.startsWith('Callers and callees'))).toHaveLength(warnings);
});

it.each<[WhatChangedRequest, Group[], RegExp]>([
  [{ exe: 'game' }, [{}, {}], /^Nothing is new and nothing has grown in 2 processes\. /],
  [
    { exe: 'game' },
    [],
    /^Nothing was compared: no process in the scope of the query was active from 1969-12-31 23:50:00 to /,
  ],
  [{ scope: 'lakehouse' }, [], /^Nothing was compared/],
  [{ processIds: [ID] }, [{ id: ID }, {}], /^Nothing is new and nothing has grown in 1 process\. /],
  [{ processIds: [ID] }, [{}], /^Nothing was compared/],
])('says what was examined if nothing changed: %j, %j', async (request, groups, expected) => {
  const { rows, notices } = await programChanges(request, { lines: [], groups });
  expect(rows).toEqual([]);
  expect(notices[0].text).toMatch(expected);
});
