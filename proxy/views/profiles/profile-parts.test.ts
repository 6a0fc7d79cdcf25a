import { Dictionary, Int32, Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type ProfilePart } from '../../../contract/query-types/profile';
import { fieldValues } from '../../frames/data-frames/testing/field-values';
import { type LakeStatement, type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { readerOf } from '../lake-reader/testing/reader';
import { FlameGraph, MAX_CALLS } from './flame-graph';
import { flameGraphFrames, framesOf } from './flame-graph-frames';
import { callBinMs, PART_CALLS, partsOf } from './profile-parts';
import { NANOS_PER_MS, windowBetween } from './profile-window';
import { BASE, REQUEST, streamId, tables } from './testing/calls';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Start of the 30 days that end with the hour of `BASE`. */
const START = Math.ceil(Number(BASE / NANOS_PER_MS) / HOUR) * HOUR - 30 * DAY;

const windowOf = (fromMs: number, toMs: number) =>
  windowBetween(BigInt(fromMs) * NANOS_PER_MS, BigInt(toMs) * NANOS_PER_MS);

it.each([
  { name: 'two minutes', lengthMs: 120_000, expected: 200 },
  { name: 'six hours', lengthMs: 6 * HOUR, expected: 30_000 },
  { name: '30 days', lengthMs: 30 * DAY, expected: HOUR },
  { name: 'ten years', lengthMs: 3650 * DAY, expected: 4 * DAY },
])('counts $name in at most 1000 bins of a round length', ({ lengthMs, expected }) => {
  expect(callBinMs(windowOf(START, START + lengthMs))).toBe(expected);
});

describe('the parts of a range', () => {
  const bin = (hour: number, calls: number): ProfilePart => ({
    beginMs: START + hour * HOUR,
    endMs: START + (hour + 1) * HOUR,
    calls,
  });
  const parts = (bins: ProfilePart[], from = 0, to = 10) =>
    partsOf(bins, windowOf(START + from * HOUR, START + to * HOUR), 100).map(
      ({ beginMs, endMs, calls }) => [(beginMs - START) / HOUR, (endMs - START) / HOUR, calls] as const
    );

  it.each([
    { name: 'no calls', bins: [], expected: [] },
    { name: 'few calls', bins: [bin(2, 40), bin(5, 60)], expected: [[2, 10, 100]] },
    {
      name: 'joined bins, the newest first',
      bins: [bin(0, 50), bin(1, 60), bin(2, 40), bin(3, 1)],
      expected: [
        [2, 10, 41],
        [1, 2, 60],
        [0, 1, 50],
      ],
    },
    {
      name: 'a bin with too many calls',
      bins: [bin(0, 5), bin(1, 500), bin(2, 5)],
      expected: [
        [2, 10, 5],
        [1, 2, 500],
        [0, 1, 5],
      ],
    },
  ])('join bins up to the maximum number of calls: $name', ({ bins, expected }) => {
    expect(parts(bins)).toEqual(expected);
  });

  it('begin with the range, even if a call began before the range', () => {
    expect(parts([bin(-9, 1), bin(0, 70), bin(1, 90)], 0.5, 2)).toEqual([
      [1, 2, 90],
      [0.5, 1, 71],
    ]);
  });

  it('are longer than zero, even if many calls began before the range or in the last millisecond of the range', () => {
    expect(parts([bin(-9, 70), bin(-8, 80), bin(0, 60), bin(1, 90)], 0.5, 2)).toEqual([
      [1, 2, 90],
      [0.5, 1, 210],
    ]);
    expect(parts([bin(-9, 70), bin(-8, 80)], 0, 2)).toEqual([[0, 2, 150]]);
    expect(parts([bin(0, 60), bin(1, 90), bin(2, 80)], 0, 2)).toEqual([
      [1, 2, 170],
      [0, 1, 60],
    ]);
  });
});

const integers = (values: number[]) =>
  vectorFromArray(
    values.map((value) => BigInt(Math.trunc(value))),
    new Int64()
  );

const callsIn = ({ fromMs, toMs }: TimeRangeMs, perHour: number) => (perHour * (toMs - fromMs)) / HOUR;

/** A table with the maximum number of rows. The rows are spans of whole threads, so they cost little. */
function truncatedTable(): Table {
  const batchRows = 10_000;
  const row = { stream: 'physics', id: -1, depth: 0, name: 'thread', begin: 0, end: 1 };
  const [table] = tables(Array<typeof row>(batchRows).fill(row), () => 0, batchRows);
  return new Table(Array.from({ length: MAX_CALLS / batchRows }, () => table.batches[0]));
}

/** A lake with the same number of calls in each hour. It returns rows for the statements of a flame graph. */
function lakeWith(callsPerHour: number): { lake: ViewContext; statements: LakeStatement[] } {
  const statements: LakeStatement[] = [];
  const lake = readerOf((statement) => {
    statements.push(statement);
    const { sql, range } = statement;
    const widthNs = /\/ (\d+)\)/.exec(sql);
    if (widthNs !== null && range !== undefined) {
      const widthMs = Number(widthNs[1]) / 1e6;
      const first = Math.floor(range.fromMs / widthMs);
      const bins = Array.from({ length: Math.ceil(range.toMs / widthMs) - first }, (_, index) => first + index);
      return new Table({ bin: integers(bins), calls: integers(bins.map(() => (callsPerHour * widthMs) / HOUR)) });
    }
    if (range !== undefined && /ORDER BY "begin"$/.test(sql) && callsIn(range, callsPerHour) >= MAX_CALLS) {
      return truncatedTable();
    }
    const rows = [{ stream: 'physics', id: 1, depth: 1, name: 'step', begin: 0, end: 80e6 }];
    const [table] = tables(rows, () => 0, 1);
    return sql.includes('ORDER BY duration')
      ? new Table({
          stream_id: vectorFromArray([streamId('physics')], new Dictionary(new Utf8(), new Int32())),
          name: table.getChild('name')!,
          begin: table.getChild('begin')!,
          end: table.getChild('end')!,
        })
      : table;
  });
  return { lake, statements };
}

const STREAMS = { threads: new Map([[streamId('physics'), 'physics']]), hasMessages: false };
const THREADS = new Set(['thread'] as const);

describe('the statements of a flame graph', () => {
  const frames = async (callsPerHour: number, lengthMs: number) => {
    const { lake, statements } = lakeWith(callsPerHour);
    const window = windowOf(START, START + lengthMs);
    const shown = await flameGraphFrames(REQUEST, THREADS, window, STREAMS, lake);
    return {
      frames: shown,
      statements,
      ranges: statements.map(({ range }) => [range!.fromMs - START, range!.toMs - START]),
    };
  };

  it('read the calls of a minute without counting them first', async () => {
    const { ranges } = await frames(PART_CALLS, 60_000);
    expect(ranges).toEqual([[0, 60_000]]);
  });

  it('count the calls of a minute if there are too many, and read the newest part of the minute', async () => {
    const { ranges, frames: shown } = await frames(120 * PART_CALLS, 60_000);
    expect(ranges).toEqual([
      [0, 60_000],
      [0, 60_000],
      [30_000, 60_000],
      [0, 60_000],
    ]);
    expect(shown[0].custom?.profileParts).toHaveLength(2);
  });

  it('count the calls of a longer range, and read the whole range if the calls are few', async () => {
    const { ranges } = await frames(1000, DAY);
    expect(ranges).toEqual([
      [0, DAY],
      [0, DAY],
    ]);
  });

  it('read the newest part of 30 days, and the slowest calls of all 30 days', async () => {
    const { statements, ranges, frames: shown } = await frames(PART_CALLS / 2, 30 * DAY);
    expect(ranges).toEqual([
      [0, 30 * DAY],
      [30 * DAY - 2 * HOUR, 30 * DAY],
      [0, 30 * DAY],
    ]);
    expect(statements.map(({ maxRows }) => maxRows)).toEqual([10_000, MAX_CALLS, 20]);
    expect(shown.find(({ name }) => name === 'Slowest calls')?.fields[0].values.length).toBe(1);
  });

  it('count the calls again in shorter bins if a single bin has too many', async () => {
    const { ranges } = await frames(1000 * PART_CALLS, 30 * DAY);
    const lengths = ranges.map(([from, to]) => to - from);
    expect(lengths).toEqual([30 * DAY, HOUR, 5000, 3600, 30 * DAY]);
  });
});

it('names the part in the time zone of the viewer', async () => {
  const { lake } = lakeWith(1);
  const day = Date.UTC(2026, 0, 1);
  const window = windowOf(day + 30 * 60_000, day + HOUR);
  const graph = new FlameGraph(lake, window, undefined, new Map());
  const parts = { parts: [], shown: window };
  const [frame] = await framesOf(graph, REQUEST, { window, parts }, { ...lake, timezone: 'Europe/Berlin' });
  expect(fieldValues(frame, 'Function')).toEqual([]);
  expect(frame.notices?.[0].text).toContain('Flame graph of 2026-01-01 01:30:00 to 02:00:00 (Europe/Berlin), a part');
});
