import {
  Binary,
  Bool,
  Float64,
  Int32,
  makeVector,
  Table,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { build, buildOne, columnOf, messagesOf, type ReadFrame, timeColumn } from './testing/arrow-messages';

const SECOND = 1_000_000_000n;

function times(...seconds: Array<number | null>) {
  return timeColumn(seconds.map((second) => (second === null ? null : BigInt(second) * SECOND)));
}

function texts(...values: Array<string | null>) {
  return vectorFromArray(values, new Utf8());
}

function words(...values: Array<string | null>) {
  return vectorFromArray(values);
}

function floats(...values: Array<number | null>) {
  return vectorFromArray(values, new Float64());
}

/** One line for each value field: name, labels, values. */
function lines(frame: ReadFrame): string[] {
  return frame.fields.map(({ name, labels, values }) => {
    const shown = values.map((value) => (typeof value === 'bigint' && name === 'time' ? value / SECOND : value));
    return `${name}${labels === undefined ? '' : JSON.stringify(labels)}: ${shown.join(' ')}`;
  });
}

function series(columns: Record<string, unknown>): Promise<ReadFrame> {
  return buildOne(messagesOf(new Table(columns as never)), { format: 'time_series' });
}

interface Case {
  name: string;
  columns: Record<string, unknown>;
  expected: string[];
}

const cases: Case[] = [
  {
    name: 'keeps a sorted result without labels',
    columns: { time: times(1, 2, 3), value: floats(1, null, 3) },
    expected: ['time: 1 2 3', 'value: 1  3'],
  },
  {
    name: 'sorts a result without labels',
    columns: { time: times(3, 1, -2), value: floats(3, 1, -2) },
    expected: ['time: -2 1 3', 'value: -2 1 3'],
  },
  {
    name: 'spreads label sets to columns, in the order of their texts',
    columns: { time: times(1, 1, 2, 2), host: texts('b', 'a', 'b', 'a'), value: floats(1, 2, 3, 4) },
    expected: ['time: 1 2', 'value{"host":"a"}: 2 4', 'value{"host":"b"}: 1 3'],
  },
  {
    name: 'reads labels from dictionaries as from texts',
    columns: { time: times(1, 1, 2), host: words('b', 'a', 'b'), value: floats(1, 2, 3) },
    expected: ['time: 1 2', 'value{"host":"a"}: 2 ', 'value{"host":"b"}: 1 3'],
  },
  {
    name: 'takes a missing label for an empty one',
    columns: { time: times(1, 1), host: words(null, 'a'), value: floats(1, 2) },
    expected: ['time: 1', 'value{"host":""}: 1', 'value{"host":"a"}: 2'],
  },
  {
    name: 'tells several labels apart',
    columns: { time: times(1, 1, 1), a: texts('x', 'x', 'y'), b: words('1', '2', '1'), v: floats(1, 2, 3) },
    expected: ['time: 1', 'v{"a":"x","b":"1"}: 1', 'v{"a":"x","b":"2"}: 2', 'v{"a":"y","b":"1"}: 3'],
  },
  {
    name: 'has a field for each value column and label set',
    columns: { time: times(1, 1), host: texts('a', 'b'), low: floats(1, 2), high: floats(3, 4) },
    expected: ['time: 1', 'low{"host":"a"}: 1', 'low{"host":"b"}: 2', 'high{"host":"a"}: 3', 'high{"host":"b"}: 4'],
  },
  {
    name: 'spreads booleans and small integers',
    columns: {
      time: times(2, 1),
      on: vectorFromArray([true, false], new Bool()),
      small: makeVector(Int8Array.of(-1, 2)),
      middle: makeVector(Int16Array.of(-300, 300)),
      large: makeVector(BigInt64Array.of(-5n, 9_007_199_254_740_993n)),
    },
    expected: ['time: 1 2', 'on: false true', 'small: 2 -1', 'middle: 300 -300', 'large: 9007199254740993 -5'],
  },
  {
    name: 'names the time column time and puts it first',
    columns: { value: floats(1), begin: times(1), name: texts('a') },
    expected: ['time: 1', 'value{"name":"a"}: 1'],
  },
  {
    name: 'prefers the column called time, in any case',
    columns: { begin: times(5), Time: times(1), value: floats(1) },
    expected: ['time: 1', 'value: 1'],
  },
  {
    name: 'converts the unit of its times',
    columns: { time: columnOf(new TimestampMillisecond(), BigInt64Array.of(1000n, 2000n)), value: floats(1, 2) },
    expected: ['time: 1 2', 'value: 1 2'],
  },
];

describe('time series', () => {
  it.each(cases)('$name', async ({ columns, expected }) => {
    const frame = await series(columns);
    expect(lines(frame)).toEqual(expected);
    expect(frame.meta).toMatchObject({ type: 'timeseries-wide', typeVersion: [0, 1] });
    expect(frame.fields[0]).toMatchObject({ type: 'Timestamp<NANOSECOND>', nullable: false });
    expect(frame.fields.slice(1).every(({ nullable }) => nullable)).toBe(true);
  });

  it('joins batches before it sorts and spreads', async () => {
    const first = messagesOf(new Table({ time: times(3, 1), host: texts('a', 'b'), value: floats(1, 2) }));
    const second = messagesOf(new Table({ time: times(2, 1), host: texts('b', 'a'), value: floats(3, 4) }));
    const frame = await buildOne([...first, ...second.slice(1)], { format: 'time_series' });
    expect(lines(frame)).toEqual(['time: 1 2 3', 'value{"host":"a"}: 4  1', 'value{"host":"b"}: 2 3 ']);
  });

  it('hands a fitting result on as the very bytes that came', async () => {
    const seconds = Array.from({ length: 1000 }, (_, row) => row);
    const messages = messagesOf(new Table({ time: times(...seconds), value: floats(...seconds) }));
    const { frames } = await build(messages, { format: 'time_series' });
    expect(frames[0]).toContain(messages[1]?.body);
  });

  it('notices an order that breaks between batches', async () => {
    const first = messagesOf(new Table({ time: times(1, 3), value: floats(1, 3) }));
    const second = messagesOf(new Table({ time: times(2, 4), value: floats(2, 4) }));
    const frame = await buildOne([...first, ...second.slice(1)], { format: 'time_series' });
    expect(lines(frame)).toEqual(['time: 1 2 3 4', 'value: 1 2 3 4']);
  });

  it('lets the later of two rows with the same time and labels count, and says so', async () => {
    const frame = await series({ time: times(1, 1, 1), host: texts('a', 'a', 'b'), value: floats(1, null, 3) });
    expect(lines(frame)).toEqual(['time: 1', 'value{"host":"a"}: ', 'value{"host":"b"}: 3']);
    expect(frame.meta.notices).toMatchObject([{ text: expect.stringMatching(/^1 row has the time and labels/) }]);
  });

  it('leaves rows without a time out and says so', async () => {
    const frame = await series({ time: times(1, null, 2), value: floats(1, 2, 3) });
    expect(lines(frame)).toEqual(['time: 1 2', 'value: 1 3']);
    expect(frame.meta.notices).toMatchObject([{ text: expect.stringMatching(/^1 row has no time in "time"/) }]);
  });

  it('leaves columns that are neither number nor text out and names them', async () => {
    const frame = await series({
      time: times(1),
      insert_time: times(2),
      properties: vectorFromArray([Buffer.from('40000000', 'hex')], new Binary()),
      value: floats(1),
    });
    expect(lines(frame)).toEqual(['time: 1', 'value: 1']);
    expect(frame.meta.notices).toMatchObject([
      {
        severity: 'info',
        text: expect.stringContaining('insert_time (Timestamp(Nanosecond, "+00:00")), properties (Binary)'),
      },
    ]);
  });

  it('has no frame without rows', async () => {
    const messages = messagesOf(new Table({ time: times(1), value: floats(1) })).slice(0, 1);
    expect((await build(messages, { format: 'time_series' })).frames).toEqual([]);
  });

  it('stays linear with ten thousand series', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => row);
    const frame = await series({
      time: times(...rows.map((row) => (row < 10_000 ? 1 : 2))),
      name: texts(...rows.map((row) => `s${row % 10_000}`)),
      value: floats(...rows),
    });
    expect(frame.fields).toHaveLength(10_001);
    expect(frame.fields[1]?.values).toEqual([0, 10_000]);
  });

  it('refuses what would need more cells than memory should hold', async () => {
    const rows = Array.from({ length: 6000 }, (_, row) => row);
    await expect(
      series({ time: times(...rows), name: texts(...rows.map(String)), value: floats(...rows) })
    ).rejects.toMatchObject({ code: 'result_too_large' });
  });

  it.each([
    {
      name: 'a time column',
      columns: { n: makeVector(Int32Array.of(1)) },
      words: /no timestamp column among: n \(Int32\)/,
    },
    {
      name: 'a number',
      columns: { time: times(1), name: texts('a') },
      words: /no numeric column among: time .*, name/,
    },
  ])('asks for $name', async ({ columns, words: expected }) => {
    await expect(series(columns)).rejects.toMatchObject({
      code: 'time_series_shape',
      detail: expect.stringMatching(expected),
    });
  });

  it('takes days for times, and leaves integers called time alone', async () => {
    await expect(series({ time: columnOf(new Int32(), Int32Array.of(1)), value: floats(1) })).rejects.toMatchObject({
      code: 'time_series_shape',
    });
  });
});
