import {
  Binary,
  Dictionary,
  Float64,
  Int32,
  Int64,
  RecordBatch,
  Schema,
  Table,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { growth } from '../../../tests/support/growth';
import {
  batchMessageOf,
  dictionaryMessageOf,
  field as ipcField,
  int32s,
  schemaMessageOf,
} from '../arrow-ipc/testing/write-ipc';
import { buildOne, columnOf, messagesOf, type ReadFrame, timeColumn } from './testing/arrow-messages';
import { shortJsonb } from './testing/short-jsonb';

const NO_BYTES = new Uint8Array(0);
const OBJECT_A_B = Buffer.from('4000000110000001100000016162', 'hex');
const OBJECT_EXE_1 = Buffer.from('40000001100000032000000265786550' + '01', 'hex');
const ARRAY = Buffer.from('80000000', 'hex');

function logs(columns: Record<string, unknown>, options = {}): Promise<ReadFrame> {
  return buildOne(messagesOf(new Table(columns as never)), { format: 'logs', ...options });
}

function strings(...values: Array<string | null>) {
  return vectorFromArray(values, new Utf8());
}

function bags(...values: Array<Uint8Array | null>) {
  return vectorFromArray(values, new Binary());
}

function field(frame: ReadFrame, name: string): unknown[] | undefined {
  return frame.fields.find((candidate) => candidate.name === name)?.values;
}

const line = { time: timeColumn([1n]), msg: strings('hello') };

it('converts log_entries to the fields that Grafana expects', async () => {
  const frame = await logs({
    process_id: vectorFromArray(['p1', 'p1']),
    block_id: vectorFromArray(['b1', 'b2']),
    insert_time: timeColumn([5n, 6n]),
    exe: vectorFromArray(['game', 'game']),
    time: timeColumn([1n, 2n]),
    target: vectorFromArray(['net', 'net']),
    level: columnOf(new Int32(), Int32Array.of(2, 4)),
    msg: strings('a', 'b'),
    properties: bags(OBJECT_A_B, Buffer.from('40000000', 'hex')),
    process_properties: bags(OBJECT_A_B, null),
  });
  expect(frame.meta).toMatchObject({
    type: 'log-lines',
    typeVersion: [0, 0],
    preferredVisualisationType: 'logs',
  });
  expect(frame.fields.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '?' : ''}`)).toEqual([
    'timestamp Timestamp<NANOSECOND>',
    'body Utf8',
    'severity Utf8?',
    'id Utf8',
    'labels Binary',
    'block_id Utf8?',
    'insert_time Timestamp<NANOSECOND>?',
    'level Int32?',
  ]);
  // Grafana's list of fields counts a name in the labels and in a shown field twice.
  expect(frame.fields.at(-1)?.config).toMatchObject({ custom: { hidden: true } });
  expect(field(frame, 'timestamp')).toEqual([1n, 2n]);
  expect(field(frame, 'body')).toEqual(['a', 'b']);
  expect(field(frame, 'severity')).toEqual(['error', 'info']);
  expect(field(frame, 'labels')?.map((json) => JSON.parse(String(json)) as unknown)).toEqual([
    { a: 'b', 'process.a': 'b', process_id: 'p1', exe: 'game', target: 'net', level: 'error' },
    { process_id: 'p1', exe: 'game', target: 'net', level: 'info' },
  ]);
  // The program and the target of the line come first.
  expect(field(frame, 'labels')?.map((json) => Object.keys(JSON.parse(String(json)) as object).slice(0, 2))).toEqual([
    ['exe', 'target'],
    ['exe', 'target'],
  ]);
});

it('distinguishes thousands of label sets', async () => {
  const exes = Array.from({ length: 5000 }, (_, row) => `exe-${row}`);
  const frame = await logs({
    time: timeColumn(exes.map(() => 1n)),
    msg: strings(...exes),
    exe: strings(...exes),
  });
  expect(field(frame, 'labels')?.map(String)).toEqual(exes.map((exe) => `{"exe":"${exe}"}`));
});

it('names the levels of Micromegas', async () => {
  const frame = await logs({
    time: timeColumn([1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n]),
    msg: strings('', '', '', '', '', '', '', ''),
    level: columnOf(new Int32(), Int32Array.of(1, 2, 3, 4, 5, 6, 0, 99)),
  });
  const words = ['critical', 'error', 'warning', 'info', 'debug', 'trace', 'unknown', 'unknown'];
  expect(field(frame, 'severity')).toEqual(words);
  const known = words.slice(0, 6).map((level) => JSON.stringify({ level }));
  expect(field(frame, 'labels')).toEqual([...known, '{}', '{}']);
});

it('reads levels of other integer types', async () => {
  const levels = vectorFromArray([3n, null], new Int64());
  const frame = await logs({ time: timeColumn([1n, 1n]), msg: strings('', ''), level: levels });
  expect(field(frame, 'severity')).toEqual(['warning', 'unknown']);
});

it('keeps a level that is a string', async () => {
  const frame = await logs({ ...line, level: strings('WARN') });
  expect(field(frame, 'severity')).toEqual(['WARN']);
  expect(field(frame, 'labels')).toEqual(['{"level":"WARN"}']);
});

it.each([
  ['body', { message: strings('m'), body: strings('b') }, 'b'],
  ['message', { other: strings('o'), Message: strings('m') }, 'm'],
  ['line', { other: strings('o'), line: strings('l') }, 'l'],
  ['the first text', { n: columnOf(new Int32(), Int32Array.of(1)), first: strings('f'), second: strings('s') }, 'f'],
])('finds the body: %s', async (_, columns, expected) => {
  const frame = await logs({ time: timeColumn([1n]), ...columns });
  expect(field(frame, 'body')).toEqual([expected]);
});

it('shows a null body as an empty line and drops rows without a time', async () => {
  const frame = await logs({
    time: timeColumn([1n, null, 3n]),
    msg: strings(null, 'gone', 'c'),
    n: strings('x', 'y', 'z'),
  });
  expect(field(frame, 'timestamp')).toEqual([1n, 3n]);
  expect(field(frame, 'body')).toEqual(['', 'c']);
  expect(field(frame, 'labels')).toEqual(['{"n":"x"}', '{"n":"z"}']);
  expect(frame.meta.notices).toMatchObject([{ text: expect.stringMatching(/^1 row has no time/) }]);
});

it('writes whole floating-point numbers as strings that a filter on the label matches, such as 587.0 and 2e+16', async () => {
  const float = (value: number) => {
    const bytes = Buffer.from('4000000110000001200000096160' + '00'.repeat(8), 'hex');
    bytes.writeDoubleBE(value, bytes.length - 8);
    return bytes;
  };
  const frame = await logs({
    time: timeColumn([1n, 2n, 3n, 4n, 5n, 6n]),
    msg: strings('u', 'v', 'w', 'x', 'y', 'z'),
    properties: bags(float(587), float(-3), float(-2e16), float(2.5e21), float(0.25), OBJECT_EXE_1),
  });
  expect(field(frame, 'labels')?.map(String)).toEqual([
    '{"a":"587.0"}',
    '{"a":"-3.0"}',
    '{"a":"-2e+16"}',
    '{"a":"2.5e+21"}',
    '{"a":0.25}',
    '{"exe":1}',
  ]);
});

it('keeps a byte order mark at the start of a label', async () => {
  const frame = await logs({ ...line, name: strings('\uFEFFa') });
  expect(field(frame, 'labels')).toEqual(['{"name":"\uFEFFa"}']);
});

describe('labels with equal names', () => {
  it.each([
    {
      name: 'a property and a column',
      columns: { exe: strings('game'), properties: bags(OBJECT_EXE_1) },
      labels: { exe: 'game', 'properties.exe': 1 },
    },
    {
      name: 'a property and a column without a value in this row',
      columns: { exe: strings(null), properties: bags(OBJECT_EXE_1) },
      labels: { 'properties.exe': 1 },
    },
    {
      name: 'a process property and a column',
      columns: { 'process.a': strings('column'), process_properties: bags(OBJECT_A_B) },
      labels: { 'process.a': 'column', 'process_properties.process.a': 'b' },
    },
    {
      name: 'a property and a process property',
      columns: { properties: bags(shortJsonb({ 'process.a': 'x' })), process_properties: bags(OBJECT_A_B) },
      labels: { 'process.a': 'x', 'process_properties.process.a': 'b' },
    },
    {
      name: 'a property that is named like a renamed property',
      columns: { exe: strings('game'), properties: bags(shortJsonb({ exe: 'x', 'properties.exe': 'y' })) },
      labels: { exe: 'game', 'properties.exe': 'x', 'properties.properties.exe': 'y' },
    },
    {
      name: 'a column with the name that a property would get',
      columns: { exe: strings('game'), 'properties.exe': strings('column'), properties: bags(OBJECT_EXE_1) },
      labels: { exe: 'game', 'properties.exe': 'column', 'properties.properties.exe': 1 },
    },
    {
      name: 'columns whose names are already those of renamed properties, and a similar name',
      columns: {
        exe: strings('game'),
        'properties.': strings('a'),
        'properties.properties.exe': strings('b'),
        propertiesX: strings('c'),
        properties: bags(OBJECT_EXE_1),
      },
      labels: {
        exe: 'game',
        'properties.': 'a',
        'properties.properties.exe': 'b',
        propertiesX: 'c',
        'properties.properties.properties.exe': 1,
      },
    },
    {
      name: 'a property and a bag that is not an object',
      columns: { properties: bags(shortJsonb({ process_properties: 'x' })), process_properties: bags(ARRAY) },
      labels: { process_properties: 'x', 'process_properties.process_properties': [] },
    },
  ])('keep all values: $name', async ({ columns, labels }) => {
    const json = String(field(await logs({ ...line, ...columns }), 'labels')?.[0]);
    expect(JSON.parse(json)).toEqual(labels);
    expect(json.match(/":/g)).toHaveLength(Object.keys(labels).length);
  });

  it('keep all values if two columns are named exe and two are named properties', async () => {
    const names = ['time', 'msg', 'exe', 'exe', 'properties', 'properties'];
    const columns = {
      ...line,
      c: strings('game'),
      d: strings('tool'),
      e: bags(OBJECT_EXE_1),
      f: bags(shortJsonb({ exe: 'x' })),
    };
    const table = new Table(columns as never);
    const fields = table.schema.fields.map((one, index) => one.clone({ name: names[index] ?? '' }));
    const batches = table.batches.map((batch) => new RecordBatch(new Schema(fields), batch.data));
    const frame = await buildOne(messagesOf(batches), { format: 'logs' });
    expect(field(frame, 'labels')).toEqual(['{"exe":"game","exe_2":"tool","properties.exe":1,"properties_2.exe":"x"}']);
  });
});

it('builds the labels of thousands of property columns in linear time', async () => {
  const [bag, value] = [bags(OBJECT_EXE_1), strings('x')];
  const messagesWith = (count: number) => {
    const numbers = Array.from({ length: count }, (_, index) => index);
    const table = new Table({
      ...line,
      ...Object.fromEntries(numbers.map((number) => [`b${number}`, bag])),
      ...Object.fromEntries(numbers.map((number) => [`t${number}`, value])),
    } as never);
    const fields = table.schema.fields.map((one) =>
      one.clone({ name: /^b\d/.test(one.name) ? 'properties' : one.name })
    );
    return messagesOf(table.batches.map((batch) => new RecordBatch(new Schema(fields), batch.data)));
  };
  const build = (messages: ReturnType<typeof messagesOf>) => buildOne(messages, { format: 'logs' });
  const labels = JSON.parse(String(field(await build(messagesWith(1000)), 'labels')?.[0])) as Record<string, unknown>;
  expect(Object.keys(labels)).toHaveLength(2000);
  expect(await growth(build, messagesWith, 1000)).toBeLessThan(8);
});

it('reads invalid properties only once, although many lines with different labels have them', async () => {
  const messagesWith = (lines: number) => {
    const bag = Buffer.alloc(4 + lines * 16);
    bag.writeUInt32BE(0x80000000 + lines * 4, 0);
    for (let at = 4; at < bag.length; at += 4) {
      // Nulls, and an entry of an unknown type at the end.
      bag.writeUInt32BE(at + 4 < bag.length ? 0x40000000 : 0x70000000, at);
    }
    const numbers = Buffer.from(Array.from({ length: lines }, (_, line) => String(line).padStart(8)).join(''));
    const texts = [NO_BYTES, int32s(...Array.from({ length: lines + 1 }, (_, line) => line * 8)), numbers];
    const type = { kind: 'dictionary', id: 0, index: { kind: 'int', bits: 8, signed: true } } as const;
    return [
      schemaMessageOf([
        ipcField('time', { kind: 'timestamp', unit: 'nanosecond', timezone: undefined }),
        ipcField('msg', { kind: 'utf8' }),
        ipcField('target', { kind: 'utf8' }),
        ipcField('properties', { ...type, value: { kind: 'binary' } }),
      ]),
      dictionaryMessageOf({ length: 1, nodes: [[1, 0]], buffers: [NO_BYTES, int32s(0, bag.length), bag] }),
      batchMessageOf({
        length: lines,
        nodes: new Array<readonly [number, number]>(4).fill([lines, 0]),
        buffers: [NO_BYTES, new Uint8Array(lines * 8), ...texts, ...texts, NO_BYTES, new Uint8Array(lines)],
      }),
    ];
  };
  const build = (messages: ReturnType<typeof messagesWith>) => buildOne(messages, { format: 'logs' });
  expect(await growth(build, messagesWith, 1000)).toBeLessThan(8);
});

it('keeps properties that are not an object as a label with the name of the column, and drops invalid properties with a notice', async () => {
  const frame = await logs({
    time: timeColumn([1n, 1n, 1n]),
    msg: strings('', '', ''),
    properties: bags(ARRAY, Buffer.from('broken'), OBJECT_A_B.subarray(0, 13)),
  });
  expect(field(frame, 'labels')).toEqual(['{"properties":[]}', '{}', '{}']);
  expect(frame.meta.notices).toMatchObject([{ text: expect.stringContaining('Column "properties"') }]);
});

it('drops properties that are nested too deep, and has a separate notice for them', async () => {
  let deep: Buffer = ARRAY;
  for (let depth = 0; depth < 101; depth++) {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(0x80000001, 0);
    head.writeUInt32BE(0x50000000 + deep.length, 4);
    deep = Buffer.concat([head, deep]);
  }
  const frame = await logs({ ...line, properties: bags(deep) });
  expect(field(frame, 'labels')).toEqual(['{}']);
  expect(frame.meta.notices).toMatchObject([
    {
      text: expect.stringMatching(
        /^Column "properties" holds JSONB that is nested deeper than 100 levels; such values/
      ),
    },
  ]);
});

it('reads properties from a dictionary', async () => {
  const bag = new Dictionary(new Binary(), new Int32());
  const frame = await logs({ ...line, properties: vectorFromArray([OBJECT_A_B], bag) });
  expect(field(frame, 'labels')).toEqual(['{"a":"b"}']);
});

it('renames a column if a standard field already has its name', async () => {
  const frame = await logs({
    ...line,
    id: vectorFromArray([1.5], new Float64()),
    labels: columnOf(new Int32(), Int32Array.of(1)),
  });
  expect(frame.fields.map(({ name }) => name)).toEqual(['timestamp', 'body', 'id', 'labels', 'id_2', 'labels_2']);
});

describe('ids', () => {
  const rows = {
    time: timeColumn([1n, 1n, 2n, 1n]),
    msg: strings('same', 'same', 'same', 'other'),
    level: columnOf(new Int32(), Int32Array.of(4, 4, 4, 4)),
    target: vectorFromArray(['t', 't', 't', 't']),
  };

  it('differ between lines, even between equal lines', async () => {
    const ids = field(await logs(rows), 'id') ?? [];
    expect(new Set(ids).size).toBe(4);
    expect(ids[1]).toBe(`${String(ids[0])}-2`);
  });

  it('are equal for the same line in another result with other columns', async () => {
    const all = field(await logs(rows), 'id');
    const one = await logs({ time: timeColumn([1n]), msg: strings('other'), exe: strings('game') });
    expect(field(one, 'id')).toEqual([all?.[3]]);
  });
});

it('sends the time column and the sources of the labels to the browser', async () => {
  const frame = await logs({
    ts: timeColumn([1n]),
    msg: strings('a'),
    exe: strings('game'),
    properties: bags(OBJECT_A_B),
    process_properties: bags(OBJECT_A_B),
  });
  expect(frame.meta.custom).toEqual({
    timeColumn: 'ts',
    labels: { columns: ['exe'], processPrefixes: ['process.', 'process_properties.'] },
  });
});

it.each([
  { name: 'a timestamp column', columns: { msg: strings('a') }, words: /no timestamp column among: msg \(Utf8\)/ },
  { name: 'a text column', columns: { time: timeColumn([1n]) }, words: /no text column among: time/ },
])('rejects a result without $name', async ({ columns, words }) => {
  await expect(logs(columns)).rejects.toMatchObject({ code: 'logs_shape', detail: expect.stringMatching(words) });
});
