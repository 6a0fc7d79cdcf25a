/**
 * Runs the SQL for the lines before and after a log line on DuckDB. The lines are random, and many lines have equal
 * times. Compares the results with the sorted list of all lines.
 */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { isLogContextRequest, type LineMarks, type LogContextRequest } from '../../../contract/logs/log-context';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { randomIntegers } from '../../sql/macros/testing/random-numbers';
import { contextStatement } from './log-context';

const PROCESS = '11111111-1111-4111-8111-111111111111';
const NEIGHBOUR = '22222222-2222-4222-8222-222222222222';
const ELSEWHERE = '33333333-3333-4333-8333-333333333333';
/** 2026-01-01T00:00:00.123456789Z */
const START_NS = 1_767_225_600_123_456_789n;

interface Line {
  time: bigint;
  insert_time: bigint;
  process_id: string;
  block_id: string;
  target: string;
  level: number;
  msg: string;
  properties: string;
}

interface Result extends Line {
  repetition: bigint | null;
}

const TABLE = `CREATE TABLE log_entries (time TIMESTAMP_NS, insert_time TIMESTAMP_NS, process_id VARCHAR, block_id VARCHAR, target VARCHAR,
  level INTEGER, msg VARCHAR, properties VARCHAR, exe VARCHAR, username VARCHAR, computer VARCHAR, process_properties VARCHAR, stream_id VARCHAR)`;

let instance: DuckDBInstance;
let lake: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  lake = await instance.connect();
  await lake.run(TABLE);
  await lake.run(
    `CREATE MACRO view_instance(view_set, id) AS TABLE SELECT * FROM log_entries WHERE process_id = id AND view_set = 'log_entries'`
  );
});

afterAll(() => {
  lake.closeSync();
  instance.closeSync();
});

async function rowsOf(sql: string): Promise<Result[]> {
  const shown = `SELECT * REPLACE (epoch_ns(time) AS time, epoch_ns(insert_time) AS insert_time) FROM (${sql})`;
  return (await lake.runAndReadAll(shown)).getRowObjects() as unknown as Result[];
}

/** Replaces all lines. */
async function store(lines: readonly Line[]): Promise<void> {
  await lake.run('DELETE FROM log_entries');
  const values = lines.map((line) => {
    const computer = line.process_id === ELSEWHERE ? 'other' : 'host';
    const values = [line.process_id, line.block_id, line.target, line.msg, line.properties].map(quoteLiteral);
    const [process, block, target, msg, properties] = values;
    return (
      `(make_timestamp_ns(${line.time}), make_timestamp_ns(${line.insert_time}), ${process}, ${block}, ${target}, ${line.level}, ` +
      `${msg}, ${properties}, 'game', 'ada', '${computer}', '{}', 's')`
    );
  });
  await lake.run(`INSERT INTO log_entries VALUES ${values.join(', ')}`);
}

/** Lines with few distinct values in each column, so that many lines have several equal columns. */
function randomLines(seed: number, count: number, times: number): Line[] {
  const below = randomIntegers(seed);
  return Array.from({ length: count }, () => ({
    time: START_NS + BigInt(below(times)),
    insert_time: START_NS + BigInt(below(2)) * 1_000_000_000n,
    process_id: [PROCESS, PROCESS, PROCESS, NEIGHBOUR, ELSEWHERE][below(5)],
    block_id: `b${below(2)}`,
    target: ['net', "it's"][below(2)],
    level: 3 + below(2),
    msg: ['tick', "player 'ada' $__interval left"][below(2)],
    properties: `{"n":${below(2)}}`,
  }));
}

const KEYS = ['time', 'insert_time', 'process_id', 'block_id', 'target', 'level', 'msg', 'properties'] as const;

function identity(line: Line): string {
  return KEYS.map((key) => String(line[key])).join('|');
}

function inOrder(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => {
    const key = KEYS.find((each) => a[each] !== b[each]);
    return key === undefined ? 0 : a[key] < b[key] ? -1 : 1;
  });
}

const marksOf = (line: Line, repetition?: number): LineMarks => ({
  insertTime: String(line.insert_time),
  blockId: line.block_id,
  target: line.target,
  level: line.level,
  text: line.msg,
  ...(repetition !== undefined && { repetition }),
});

function request(line: Pick<Line, 'time' | 'process_id'>, changes: Partial<LogContextRequest>): LogContextRequest {
  const complete: LogContextRequest = {
    processId: line.process_id,
    time: String(line.time),
    marks: {},
    direction: 'before',
    scope: 'process',
    limit: 7,
    ...changes,
  };
  expect(isLogContextRequest(complete)).toBe(true);
  return complete;
}

/**
 * Reads all lines in one direction, page by page, like Grafana: the next page starts at the line that is farthest from
 * the requested line.
 */
async function readAll(start: LogContextRequest): Promise<Line[]> {
  const { direction } = start;
  const read: Line[] = [];
  for (let next = start; ;) {
    const page = await rowsOf(contextStatement(next).sql);
    read.splice(direction === 'before' ? read.length : 0, 0, ...page);
    const outermost = direction === 'before' ? page.at(-1) : page[0];
    if (outermost === undefined) {
      return read.reverse();
    }
    const repetition = Number(outermost.repetition ?? (direction === 'before' ? -1 : 1));
    next = {
      ...start,
      processId: outermost.process_id,
      time: String(outermost.time),
      marks: marksOf(outermost, repetition),
    };
  }
}

describe.each([
  ['process', (line: Line, other: Line) => line.process_id === other.process_id],
  ['target', (line: Line, other: Line) => line.process_id === other.process_id && line.target === other.target],
  ['computer', (_: Line, other: Line) => other.process_id !== ELSEWHERE],
] as const)('scope %s', (scope, isNeighbour) => {
  it.each([
    [1, 60, 3],
    [2, 60, 12],
    [3, 40, 1],
    [4, 60, 200],
  ])('returns each line once, in order (seed %d)', async (seed, count, times) => {
    const lines = randomLines(seed, count, times);
    await store(lines);
    const candidates = lines.filter((line) => line.process_id === PROCESS);
    for (const line of [candidates[0], candidates[5], candidates[11]]) {
      const start = request(line, { scope, marks: marksOf(line) });
      const before = await readAll(start);
      const after = await readAll({ ...start, direction: 'after' });
      const expected = inOrder(lines.filter((other) => isNeighbour(line, other))).map(identity);
      // If several lines differ only in their properties, the first of them counts as the requested line.
      const own = expected[before.length];
      const stripped = (value: string) => value.slice(0, value.lastIndexOf('|'));
      expect(stripped(own)).toBe(stripped(identity(line)));
      expect([...before.map(identity), own, ...after.map(identity)]).toEqual(expected);
    }
  });
});

const at = (time: bigint, changes: Partial<Line> = {}): Line => ({
  time,
  insert_time: START_NS,
  process_id: PROCESS,
  block_id: 'b',
  target: 'net',
  level: 4,
  msg: 'tick',
  properties: '{}',
  ...changes,
});

it('orders lines of the same time by their arrival', async () => {
  await store([
    at(5n, { insert_time: 30n, msg: 'a' }),
    at(5n, { insert_time: 10n, msg: 'c' }),
    at(5n, { insert_time: 20n, msg: 'b' }),
  ]);
  const result = (direction: 'before' | 'after') =>
    rowsOf(contextStatement(request(at(5n), { direction, marks: { text: 'b' } })).sql);
  expect((await result('before')).map(({ msg }) => msg)).toEqual(['c']);
  expect((await result('after')).map(({ msg }) => msg)).toEqual(['a']);
});

it('returns the lines next to the requested line, the newest first', async () => {
  await store([1n, 2n, 3n, 4n, 5n, 6n, 7n].map((time) => at(time)));
  const times = async (direction: 'before' | 'after') =>
    (await rowsOf(contextStatement(request(at(4n), { direction, limit: 2 })).sql)).map(({ time }) => time);
  expect(await times('before')).toEqual([3n, 2n]);
  expect(await times('after')).toEqual([6n, 5n]);
});

it('returns the lines before and after the requested time if no line has this time', async () => {
  await store([at(1n), at(3n)]);
  const times = async (direction: 'before' | 'after', scope: LogContextRequest['scope']) =>
    (await rowsOf(contextStatement(request(at(2n), { direction, scope, marks: { target: 'net' } })).sql)).map(
      ({ time }) => time
    );
  expect(await times('before', 'process')).toEqual([1n]);
  expect(await times('after', 'target')).toEqual([3n]);
});

it('finds a line with a very long message by the start of the message', async () => {
  const long = 'x'.repeat(30_000);
  await store([at(1n, { msg: `${long}1` }), at(1n, { msg: 'a' }), at(1n, { msg: 'z' })]);
  const { sql } = contextStatement(request(at(1n), { marks: { text: long.slice(0, 20_000) } }));
  expect((await rowsOf(sql)).map(({ msg }) => msg)).toEqual(['a']);
});

const MS = 1_000_000n;

it.each([
  ['process', 'before', 600_000, { fromMs: 400_000, toMs: 1_000_001 }],
  ['process', 'after', 600_000, { fromMs: 1_000_000, toMs: 1_600_001 }],
  ['target', 'before', 5_000_000, { fromMs: 0, toMs: 1_000_001 }],
  ['process', 'before', undefined, undefined],
  ['computer', 'after', undefined, { fromMs: 1_000_000, toMs: 87_400_001 }],
  ['computer', 'after', 90_000_000, { fromMs: 1_000_000, toMs: 87_400_001 }],
] as const)(
  'chooses the range that the statement reads: scope %s, direction %s, window of %s ms',
  (scope, direction, windowMs, range) => {
    const line = at(1_000_000n * MS + 999_999n);
    const { range: asked } = contextStatement(request(line, { scope, direction, ...(windowMs && { windowMs }) }));
    expect(asked).toEqual(range);
  }
);

it('clamps the range to valid timestamps', () => {
  const { range, sql } = contextStatement(
    request(at(2n ** 63n - 1n), { direction: 'after', windowMs: 366 * 24 * 3_600_000 })
  );
  expect(range?.toMs).toBe(9_223_372_036_854);
  expect(sql).toContain("'2262-04-11T23:47:16.854775807Z'");
});

const VALID = request(at(1n), { marks: marksOf(at(1n), -3), windowMs: 1000 });

it.each<[string, unknown]>([
  ['a string', 'x'],
  ['a process id with SQL', { ...VALID, processId: "x' OR 1=1 --" }],
  ['a time with a sign', { ...VALID, time: '-1' }],
  ['a time beyond the range of timestamps', { ...VALID, time: '9223372036854775808' }],
  ['a number as time', { ...VALID, time: 1 }],
  ['an unknown direction', { ...VALID, direction: 'up' }],
  ['an unknown scope', { ...VALID, scope: 'all' }],
  ['a limit of zero', { ...VALID, limit: 0 }],
  ['a limit above the maximum', { ...VALID, limit: 1001 }],
  ['a window of half a millisecond', { ...VALID, windowMs: 0.5 }],
  ['no marks', { ...VALID, marks: undefined }],
  ['a message that is too long', { ...VALID, marks: { text: 'x'.repeat(20_001) } }],
  ['a level that contains SQL', { ...VALID, marks: { level: '1) OR (1=1' } }],
  ['an insert time that is not a time', { ...VALID, marks: { insertTime: "1'" } }],
  ['the repetition zero', { ...VALID, marks: { repetition: 0 } }],
])('rejects %s', (_, broken) => {
  expect(isLogContextRequest(broken)).toBe(false);
});
