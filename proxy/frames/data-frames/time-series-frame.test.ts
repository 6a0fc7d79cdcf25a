import {
  Binary,
  Bool,
  Dictionary,
  Int32,
  makeVector,
  Table,
  TimestampMillisecond,
  vectorFromArray,
} from 'apache-arrow';
import { streamFrames } from './build-frames';
import {
  build,
  buildOne,
  columnOf,
  messagesOf,
  OPTIONS,
  readFrame,
  type ReadFrame,
  stream,
} from './testing/arrow-messages';
import { floats, lines, series, strings, times, words } from './testing/time-series';

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
    name: 'creates a column for each label set, sorted by the values of the labels',
    columns: { time: times(1, 1, 2, 2), host: strings('b', 'a', 'b', 'a'), value: floats(1, 2, 3, 4) },
    expected: ['time: 1 2', 'value{"host":"a"}: 2 4', 'value{"host":"b"}: 1 3'],
  },
  {
    name: 'sorts levels by severity, before other values of the label',
    columns: { time: times(1, 1, 1, 1), level: strings('debug', 'none', 'Fatal', 'error'), value: floats(1, 2, 3, 4) },
    expected: [
      'time: 1',
      'value{"level":"Fatal"}: 3',
      'value{"level":"error"}: 4',
      'value{"level":"debug"}: 1',
      'value{"level":"none"}: 2',
    ],
  },
  {
    name: 'reads labels from dictionary columns like strings',
    columns: { time: times(1, 1, 2), host: words('b', 'a', 'b'), value: floats(1, 2, 3) },
    expected: ['time: 1 2', 'value{"host":"a"}: 2 ', 'value{"host":"b"}: 1 3'],
  },
  {
    name: 'converts a null label to an empty one',
    columns: { time: times(1, 1), host: words(null, 'a'), value: floats(1, 2) },
    expected: ['time: 1', 'value{"host":""}: 1', 'value{"host":"a"}: 2'],
  },
  {
    name: 'merges null and empty labels into one series',
    columns: { time: times(1, 2, 3), host: strings(null, '', 'a'), value: floats(1, 2, 3) },
    expected: ['time: 1 2 3', 'value{"host":""}: 1 2 ', 'value{"host":"a"}:   3'],
  },
  {
    name: 'distinguishes several labels',
    columns: { time: times(1, 1, 1), a: strings('x', 'x', 'y'), b: words('1', '2', '1'), v: floats(1, 2, 3) },
    expected: ['time: 1', 'v{"a":"x","b":"1"}: 1', 'v{"a":"x","b":"2"}: 2', 'v{"a":"y","b":"1"}: 3'],
  },
  {
    name: 'creates a field for each value column and label set',
    columns: { time: times(1, 1), host: strings('a', 'b'), low: floats(1, 2), high: floats(3, 4) },
    expected: ['time: 1', 'low{"host":"a"}: 1', 'low{"host":"b"}: 2', 'high{"host":"a"}: 3', 'high{"host":"b"}: 4'],
  },
  {
    name: 'converts booleans and integers',
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
    name: 'names the time column `time` and puts it first',
    columns: { value: floats(1), begin: times(1), name: strings('a') },
    expected: ['time: 1', 'value{"name":"a"}: 1'],
  },
  {
    name: 'prefers the column `time`, in upper or lower case',
    columns: { begin: times(5), Time: times(1), value: floats(1) },
    expected: ['time: 1', 'value: 1'],
  },
  {
    name: 'converts times in milliseconds',
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

  it('sorts the rows of all batches together', async () => {
    const first = messagesOf(new Table({ time: times(3, 1), host: strings('a', 'b'), value: floats(1, 2) }));
    const second = messagesOf(new Table({ time: times(2, 1), host: strings('b', 'a'), value: floats(3, 4) }));
    const frame = await buildOne([...first, ...second.slice(1)], { format: 'time_series' });
    expect(lines(frame)).toEqual(['time: 1 2 3', 'value{"host":"a"}: 4  1', 'value{"host":"b"}: 2 3 ']);
  });

  it('keeps the columns of a sorted result as views of the received bytes', async () => {
    const seconds = Array.from({ length: 1000 }, (_, row) => row);
    const messages = messagesOf(new Table({ time: times(...seconds), value: floats(...seconds) }));
    const { frames } = await build(messages, { format: 'time_series' });
    expect(frames[0]?.filter((piece) => piece.buffer === messages[1]?.body.buffer)).toHaveLength(2);
  });

  it('detects times that descend between batches', async () => {
    const first = messagesOf(new Table({ time: times(1, 3), value: floats(1, 3) }));
    const second = messagesOf(new Table({ time: times(2, 4), value: floats(2, 4) }));
    const frame = await buildOne([...first, ...second.slice(1)], { format: 'time_series' });
    expect(lines(frame)).toEqual(['time: 1 2 3 4', 'value: 1 2 3 4']);
  });

  it('keeps the later of two rows with the same time and labels, with a notice', async () => {
    const frame = await series({ time: times(1, 1, 1), host: strings('a', 'a', 'b'), value: floats(1, null, 3) });
    expect(lines(frame)).toEqual(['time: 1', 'value{"host":"a"}: ', 'value{"host":"b"}: 3']);
    expect(frame.meta.notices).toMatchObject([{ text: expect.stringMatching(/^1 row has the same time and labels/) }]);
  });

  it('drops rows without a time, with a notice', async () => {
    const frame = await series({ time: times(1, null, 2), value: floats(1, 2, 3) });
    expect(lines(frame)).toEqual(['time: 1 2', 'value: 1 3']);
    expect(frame.meta.notices).toMatchObject([{ text: expect.stringMatching(/^1 row has no time in "time"/) }]);
  });

  // An alert rule treats a result without fields as "no data". The notice gives the reason.
  it.each(['whole', 'in parts'])('has a notice and no fields if no row has a time: sent %s', async (way) => {
    const messages = messagesOf(
      new Table({ time: times(null, null), host: strings('a', 'b'), value: floats(1, 2) } as never)
    );
    const options = { ...OPTIONS, format: 'time_series' } as const;
    const frames: ReadFrame[] = [];
    if (way === 'whole') {
      frames.push(await buildOne(messages, options));
    } else {
      for await (const { pieces } of streamFrames(stream(messages), options)) {
        frames.push(readFrame(pieces));
      }
    }
    const message = '2 rows have no time in "time". Rows without a time are left out.';
    expect(frames).toMatchObject([{ fields: [], meta: { notices: [{ severity: 'warning', text: message }] } }]);
  });

  it.each([
    [
      'one of two',
      { time: times(1, 1), level: makeVector(Int32Array.of(2, 4)), n: floats(1, 2) },
      ', or enter "level" in "Label columns" if this column distinguishes the rows.',
    ],
    [
      'both of two',
      { time: times(1, 1), level: makeVector(Int32Array.of(2, 4)), n: makeVector(Int32Array.of(1, 2)) },
      ', or enter "level" or "n" in "Label columns" if this column distinguishes the rows.',
    ],
    ['the only value, which is not suggested', { time: times(1, 1), n: makeVector(Int32Array.of(1, 2)) }, '.'],
    ['none of two', { time: times(1, 1), low: floats(1, 2), high: floats(1, 2) }, '.'],
  ])('suggests label columns for repeated times if values are integers: %s', async (_name, columns, end) => {
    const { meta } = await series(columns);
    const message =
      '1 row has the same time and labels as an earlier row. Only the last of such rows is shown. Aggregate them in SQL' +
      end;
    expect(meta.notices).toMatchObject([{ text: message }]);
  });

  it('drops columns that are neither numbers, booleans nor strings, and names them', async () => {
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

  it('returns no frame for a result without rows', async () => {
    const messages = messagesOf(new Table({ time: times(1), value: floats(1) })).slice(0, 1);
    expect((await build(messages, { format: 'time_series' })).frames).toEqual([]);
  });

  it('creates a field for each of ten thousand series', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => row);
    const frame = await series({
      time: times(...rows.map((row) => (row < 10_000 ? 1 : 2))),
      name: strings(...rows.map((row) => `s${row % 10_000}`)),
      value: floats(...rows),
    });
    expect(frame.fields).toHaveLength(10_001);
    expect(frame.fields[1]?.values).toEqual([0, 10_000]);
  });

  it('rejects more cells than one result may have', async () => {
    const rows = Array.from({ length: 6000 }, (_, row) => row);
    await expect(
      series({ time: times(...rows), name: strings(...rows.map(String)), value: floats(...rows) })
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
      columns: { time: times(1), name: strings('a') },
      words: /no numeric column among: time .*, name/,
    },
  ])('rejects a result without $name', async ({ columns, words: expected }) => {
    await expect(series(columns)).rejects.toMatchObject({
      code: 'time_series_shape',
      detail: expect.stringMatching(expected),
    });
  });

  it('rejects an integer column named time as the time column', async () => {
    await expect(series({ time: columnOf(new Int32(), Int32Array.of(1)), value: floats(1) })).rejects.toMatchObject({
      code: 'time_series_shape',
    });
  });
});

describe('label columns', () => {
  const columns = {
    time: times(1, 1, 2),
    level: makeVector(Int32Array.of(4, 2, 4)),
    on: vectorFromArray([true, null, true], new Bool()),
    at: times(9, 9, 9),
    host: strings('a', 'a', 'a'),
    value: floats(1, 2, 3),
  };

  it('become labels for any type', async () => {
    const frame = await series(columns, { labelColumns: ['level', 'on', 'at'] });
    const at = '1970-01-01T00:00:09Z';
    expect(lines(frame)).toEqual([
      'time: 1 2',
      `value{"level":"2","on":"","at":"${at}","host":"a"}: 2 `,
      `value{"level":"4","on":"true","at":"${at}","host":"a"}: 1 3`,
    ]);
    expect(frame.meta.notices).toBeUndefined();
  });

  it('may be numbers of a dictionary', async () => {
    const level = vectorFromArray([4, 2, 4], new Dictionary(new Int32(), new Int32()));
    const frame = await series({ time: times(1, 1, 2), level, value: floats(1, 2, 3) }, { labelColumns: ['level'] });
    expect(lines(frame)).toEqual(['time: 1 2', 'value{"level":"2"}: 2 ', 'value{"level":"4"}: 1 3']);
  });

  it('are only those in the option, and other numbers and booleans are values', async () => {
    const frame = await series(columns);
    expect(frame.fields.map(({ name }) => name)).toEqual(['time', 'level', 'on', 'value']);
  });

  it('are named in a notice if they do not exist or are the time column', async () => {
    const frame = await series(columns, { labelColumns: ['nowhere', 'time'] });
    expect(frame.meta.notices?.[0]?.text).toMatch(/No label was created for "nowhere", "time": /);
  });

  it.each([
    [
      'one label',
      { time: times(1), level: makeVector(Int32Array.of(4)), host: strings('a') },
      '"level" is used as a label: ',
    ],
    ['several labels', columns, '"level", "on" and "value" are used as labels: '],
  ])('are rejected if no value column is left: %s', async (_name, given, message) => {
    await expect(series(given, { labelColumns: ['level', 'on', 'value'] })).rejects.toMatchObject({
      code: 'time_series_shape',
      detail: expect.stringMatching(new RegExp(`^There is no numeric column among: .*${message}take .* out of`)),
    });
  });
});

it('sets the unit of each series, except for counts', async () => {
  const frame = await series({
    time: times(1, 1, 1),
    unit: strings('ms', 'By', 'furlongs'),
    average: floats(1, 2, 3),
    samples: makeVector(BigInt64Array.of(1n, 2n, 3n)),
  });
  expect(frame.fields.slice(1).map(({ name, labels, config }) => [name, labels?.unit, config?.unit])).toEqual([
    ['average', 'By', 'bytes'],
    ['average', 'furlongs', undefined],
    ['average', 'ms', 'ms'],
    ['samples', 'By', undefined],
    ['samples', 'furlongs', undefined],
    ['samples', 'ms', undefined],
  ]);
});

describe('the column "unit" with hidesSharedUnit', () => {
  const columns = { time: times(1, 1), exe: words('a', 'b'), value: floats(1, 2) };
  const shownBy = async (unit: unknown, legend?: string) => {
    const frame = await series({ ...columns, unit }, { hidesSharedUnit: true, legend });
    return frame.fields.slice(1).map(({ labels, config }) => [labels, config?.unit, config?.displayNameFromDS]);
  };

  it('is not a label if it has the same value in all series', async () => {
    expect(await shownBy(words('ms', 'ms'), '{{exe}} in {{unit}}')).toEqual([
      [{ exe: 'a' }, 'ms', 'a in ms'],
      [{ exe: 'b' }, 'ms', 'b in ms'],
    ]);
  });

  it('is a label if its values differ', async () => {
    expect(await shownBy(words('ms', 'By'))).toEqual([
      [{ exe: 'a', unit: 'ms' }, 'ms', undefined],
      [{ exe: 'b', unit: 'By' }, 'bytes', undefined],
    ]);
  });

  it('is not a label of a series that has no other label', async () => {
    const frame = await series({ time: times(1), unit: words('ms'), value: floats(1) }, { hidesSharedUnit: true });
    expect(frame.fields[1]).toMatchObject({ labels: undefined, config: { unit: 'ms' } });
  });
});

it.each([
  ['an integer', 'time', columnOf(new Int32(), Int32Array.of(1)), 'to_timestamp_millis(time)'],
  ['a string', 'time', strings('2026-01-01'), 'to_timestamp(time)'],
  ['a string from a dictionary', 'Time', words('2026-01-01'), 'to_timestamp("Time")'],
])('gives advice for a time that is %s', async (_name, name, column, conversion) => {
  await expect(series({ [name]: column, value: floats(1) })).rejects.toMatchObject({
    detail: expect.stringContaining(`Turn "${name}" into a timestamp, for example with ${conversion}.`),
  });
});

it('adds a notice for values that browsers round, and keeps them numbers', async () => {
  const columns = { time: times(1), n: makeVector(BigInt64Array.of(2n ** 60n)) };
  const frame = await series(columns, { bigIntegersAsText: true });
  expect(frame.fields[1]).toMatchObject({ type: 'Int64', values: [2n ** 60n] });
  expect(frame.meta.notices?.[0]?.text).toMatch(/choose the format Table/);
});

describe('the legend', () => {
  const columns = {
    time: times(1, 1),
    exe: strings('api', 'web'),
    low: floats(1, 2),
    high: floats(3, 4),
  };
  const namesOf = ({ fields }: ReadFrame) => fields.map(({ config }) => config?.displayNameFromDS);

  it.each([
    ['{{exe}} {{column}}', ['api low', 'web low', 'api high', 'web high']],
    ['{{ exe }}', ['api', 'web', 'api', 'web']],
    ['p95', ['p95', 'p95', 'p95', 'p95']],
    ['{{exe}} of {{constructor}}', Array<string>(2).fill('x').flatMap(() => ['api of {{constructor}}', 'web of {{constructor}}'])], // prettier-ignore
    ['  ', [undefined, undefined, undefined, undefined]],
    [undefined, [undefined, undefined, undefined, undefined]],
  ])('names the series by the template %j', async (legend, expected) => {
    expect(namesOf(await series(columns, { legend }))).toEqual([undefined, ...expected]);
  });

  it.each([
    ['p95', ['p95, api', 'p95, web', 'p95, api', 'p95, web']],
    ['{{ exe }}', ['api', 'web', 'api', 'web']],
  ])(
    'for the template %j, appends the labels of the keys that a viewer has selected for grouping',
    async (legend, expected) => {
      expect(namesOf(await series(columns, { legend, groupByKeys: ['exe', 'map'] }))).toEqual([undefined, ...expected]);
    }
  );

  it('names a result without labels, and keeps the unit of its column', async () => {
    const frame = await series({ time: times(1, 2), bytes: floats(1, 2) }, { legend: 'size: {{column}}' });
    expect(frame.fields[1].config).toEqual({ unit: 'bytes', displayNameFromDS: 'size: bytes' });
  });

  it('shortens the paths of programs in names, which stay different, and keeps the paths in labels', async () => {
    const programs = ['/opt/a/api', '/opt/b/api', 'C:\\games\\editor.exe', 'shop/cart'];
    const frame = await series(
      { time: times(1, 1, 1, 1), exe: strings(...programs), n: floats(1, 2, 3, 4) },
      { legend: 'lines {{exe}}' }
    );
    const [, ...names] = namesOf(frame);
    expect(names).toEqual(['lines a/api', 'lines b/api', 'lines editor.exe', 'lines shop/cart']);
    expect(frame.fields.slice(1).map(({ labels }) => labels?.exe)).toEqual(programs);
  });

  it('keeps paths of labels that have no program', async () => {
    const frame = await series({ time: times(1), route: strings('/api/users'), n: floats(1) }, { legend: '{{route}}' });
    expect(namesOf(frame)).toEqual([undefined, '/api/users']);
  });

  it('truncates a long name', async () => {
    const long = { time: times(1), exe: strings('x'.repeat(100_000)), value: floats(1) };
    const [, name] = namesOf(await series(long, { legend: '{{exe}}'.repeat(100) }));
    expect(name).toBe(`${'x'.repeat(999)}…`);
  });

  it('names the series of a result in parts', async () => {
    const messages = messagesOf(new Table(columns as never));
    const names: unknown[] = [];
    const options = { ...OPTIONS, format: 'time_series' as const, legend: '{{exe}}' };
    for await (const { pieces } of streamFrames(stream(messages), options)) {
      names.push(...namesOf(readFrame(pieces)));
    }
    expect(names).toEqual([undefined, 'api', 'web', 'api', 'web']);
  });
});

describe('the colors of levels', () => {
  const color = (fixedColor: string) => ({ mode: 'fixed', fixedColor });

  it.each([
    ['fatal', 'purple'],
    ['critical', 'purple'],
    ['Error', 'red'],
    ['warn', 'yellow'],
    ['info', 'green'],
    ['debug', 'blue'],
    ['TRACE', 'light-blue'],
  ])('gives series of the level %s the color %s', async (level, expected) => {
    const columns = { time: times(1), level: strings(level), exe: strings('api'), value: floats(1) };
    for (const seriesFrames of ['wide', 'multi'] as const) {
      const frame = await series(columns, { seriesFrames });
      expect(frame.fields[1].config?.color).toEqual(color(expected));
    }
  });

  it.each(['unknown', '', '2', 'e'.repeat(1000)])('leaves the color of %j to the panel', async (level) => {
    const frame = await series({ time: times(1), level: strings(level), value: floats(1) });
    expect(frame.fields[1].config?.color).toBeUndefined();
  });

  it('apply only to the label named level', async () => {
    const frame = await series({ time: times(1), state: strings('error'), value: floats(1) });
    expect(frame.fields[1].config?.color).toBeUndefined();
  });
});
