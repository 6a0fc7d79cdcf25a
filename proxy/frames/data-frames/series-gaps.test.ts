import { Bool, makeVector, Table, vectorFromArray } from 'apache-arrow';
import { streamFrames } from './build-frames';
import { build, messagesOf, OPTIONS, readFrame, stream } from './testing/arrow-messages';
import { floats, lines, series, strings, times } from './testing/time-series';

describe('filling gaps', () => {
  /** Bins of two seconds from 0 to 8. */
  const window = { fromMs: 500, toMs: 9000, intervalMs: 2000 };
  const columns = {
    time: times(2, 6, 6),
    host: strings('a', 'b', 'a'),
    value: floats(1, 2, null),
    on: vectorFromArray([true, true, false], new Bool()),
  };

  it.each([
    {
      fillMode: 'null' as const,
      expected: [
        'value{"host":"a"}:  1   ',
        'value{"host":"b"}:    2 ',
        'on{"host":"a"}:  true  false ',
        'on{"host":"b"}:    true ',
      ],
    },
    {
      fillMode: 'zero' as const,
      expected: [
        'value{"host":"a"}: 0 1 0  0',
        'value{"host":"b"}: 0 0 0 2 0',
        'on{"host":"a"}: false true false false false',
        'on{"host":"b"}: false false false true false',
      ],
    },
    {
      fillMode: 'previous' as const,
      expected: [
        'value{"host":"a"}:  1 1  ',
        'value{"host":"b"}:    2 2',
        'on{"host":"a"}:  true true false false',
        'on{"host":"b"}:    true true',
      ],
    },
  ])('fills with $fillMode', async ({ fillMode, expected }) => {
    const frame = await series(columns, { fillMode, window });
    expect(lines(frame)).toEqual(['time: 0 2 4 6 8', ...expected]);
    expect(frame.fields[0]).toMatchObject({ nullable: false });
  });

  it('fills with a number, converted to the type of the column', async () => {
    const frame = await series(columns, { fillMode: -1.5, window });
    expect(lines(frame)).toEqual([
      'time: 0 2 4 6 8',
      'value{"host":"a"}: -1.5 1 -1.5  -1.5',
      'value{"host":"b"}: -1.5 -1.5 -1.5 2 -1.5',
      'on{"host":"a"}: true true true false true',
      'on{"host":"b"}: true true true true true',
    ]);
  });

  it('fills an integer column only with a number that its type can hold, and names the other columns in a notice', async () => {
    const integers = {
      time: times(2, 6),
      small: makeVector(Int8Array.of(1, 2)),
      large: makeVector(BigInt64Array.of(1n, 2n)),
      unsigned: makeVector(Uint16Array.of(1, 2)),
    };
    const frame = await series(integers, { fillMode: -300, window });
    expect(lines(frame)).toEqual(['time: 0 2 4 6 8', 'small:  1  2 ', 'large: -300 1 -300 2 -300', 'unsigned:  1  2 ']);
    expect(frame.meta.notices?.map(({ text }) => text)).toEqual([
      'Gaps are not filled with -300 in "small", "unsigned", because the type of the column cannot hold this number.',
    ]);
  });

  it('uses the bins of a macro that has its own interval', async () => {
    const starts = [0, 3000, 7000, 20_000];
    const bins = {
      width: '1M',
      startOf: (ms: number) => starts.findLast((start) => start <= ms) ?? 0,
      next: (ms: number) => starts.find((start) => start > ms) ?? Infinity,
    };
    const frame = await series({ time: times(4), value: floats(1) }, { fillMode: 'zero', window: { ...window, bins } });
    expect(lines(frame)).toEqual(['time: 0 4 7', 'value: 0 1 0']);
  });

  it('adds only the bins that have no row to a sorted result without labels', async () => {
    const frame = await series({ time: times(3, 7), value: floats(1, 2) }, { fillMode: 'zero', window });
    expect(lines(frame)).toEqual(['time: 0 3 4 7 8', 'value: 0 1 0 2 0']);
  });

  it.each([
    ['zero in each bin', { time: times(), value: floats() }, 'zero', [['time: 0 2 4 6 8', 'value: 0 0 0 0 0']]],
    [
      'the fill value 1.5 in each bin',
      { time: times(), value: floats() },
      1.5,
      [['time: 0 2 4 6 8', 'value: 1.5 1.5 1.5 1.5 1.5']],
    ],
    [
      'zero in each value column, without a unit, because the unit is not known',
      { time: times(), unit: strings(), n: makeVector(new Int32Array()), on: vectorFromArray([], new Bool()) },
      'zero',
      [['time: 0 2 4 6 8', 'n: 0 0 0 0 0', 'on: false false false false false']],
    ],
    ['no frame if the result has a column of labels', { time: times(), host: strings(), value: floats() }, 'zero', []],
    ['no frame if the fill value is the previous value', { time: times(), value: floats() }, 'previous', []],
    ['no frame if a column cannot hold the fill value', { time: times(), n: makeVector(new Int32Array()) }, 0.5, []],
    ['a frame without fields if no row has a time', { time: times(null), value: floats(1) }, 'zero', [[]]],
  ] as const)('if no row has a time, or there are no rows, returns %s', async (_name, given, fillMode, expected) => {
    const options = { format: 'time_series', fillMode, window } as const;
    const messages = messagesOf(new Table(given as never));
    const { frames } = await build(messages, options);
    expect(frames.map((frame) => lines(readFrame(frame)))).toEqual(expected);
    const parts: string[][] = [];
    for await (const { pieces } of streamFrames(stream(messages), { ...OPTIONS, ...options })) {
      parts.push(lines(readFrame(pieces)));
    }
    expect(parts).toEqual(expected.length === 0 ? [[]] : expected);
  });

  it('adds only a notice to a result without rows if the range has too many bins', async () => {
    const wide = { fromMs: 0, toMs: 11_000, intervalMs: 1 };
    const frame = await series({ time: times(), value: floats() }, { fillMode: 'zero', window: wide });
    expect(lines(frame)).toEqual([]);
    expect(frame.meta.notices?.[0]?.text).toMatch(/^Gaps are not filled: the range has 11,001 intervals/);
  });

  it('adds only a notice to a result without rows if its columns would have too many values', async () => {
    const wide = { fromMs: 0, toMs: 10_000, intervalMs: 1 };
    const values = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`value${index}`, floats()]));
    const frame = await series({ time: times(), ...values }, { fillMode: 'zero', window: wide });
    expect(lines(frame)).toEqual([]);
    expect(frame.meta.notices?.[0]?.text).toMatch(/^Gaps are not filled: it would take too much memory/);
  });

  it('keeps times outside of the range', async () => {
    const frame = await series({ time: times(-5, 2, 30), value: floats(1, 2, 3) }, { fillMode: 'zero', window });
    expect(lines(frame)).toEqual(['time: -5 0 2 4 6 8 30', 'value: 1 0 2 0 0 0 3']);
  });

  it('aligns bins before 1970 in the same way as bins after 1970', async () => {
    const before = { fromMs: -3500, toMs: -500, intervalMs: 2000 };
    const frame = await series({ time: times(-2), value: floats(1) }, { fillMode: 'zero', window: before });
    expect(lines(frame)).toEqual(['time: -4 -2', 'value: 0 1']);
  });

  it('is skipped with a notice if a series would have too many points', async () => {
    const wide = { fromMs: 0, toMs: 11_000, intervalMs: 1 };
    const frame = await series({ time: times(2, 1), value: floats(2, 1) }, { fillMode: 'zero', window: wide });
    expect(lines(frame)).toEqual(['time: 1 2', 'value: 1 2']);
    expect(frame.meta.notices?.[0]?.text).toMatch(
      /^Gaps are not filled: the range has 11,001 intervals of 1ms, and 11,000 are filled/
    );
  });

  it('is skipped with a notice if the filled series would take too much memory', async () => {
    const rows = Array.from({ length: 4000 }, (_, row) => row);
    const many = { time: times(...rows.map(() => 2)), name: strings(...rows.map(String)), value: floats(...rows) };
    const wide = { fromMs: 0, toMs: 10_000_000, intervalMs: 1000 };
    const frame = await series(many, { fillMode: 'null', window: wide });
    expect(frame.rows).toBe(1);
    expect(frame.meta.notices?.[0]?.text).toMatch(/^Gaps are not filled: it would take too much memory/);
  });
});
