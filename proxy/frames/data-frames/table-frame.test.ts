import { Bool, Dictionary, Float64, Int32, Int64, Table, Uint64, Utf8, vectorFromArray } from 'apache-arrow';
import { type FrameOptions } from './frame-options';
import { buildOne, columnOf, messagesOf, type ReadFrame, timeColumn } from './testing/arrow-messages';

function table(columns: Record<string, unknown>): Promise<ReadFrame> {
  return buildOne(messagesOf(new Table(columns as never)));
}

const numbers = vectorFromArray([1, 2], new Float64());
const integers = vectorFromArray([1n, 2n], new Int64());
const names = vectorFromArray(['a', 'b'], new Utf8());
const flags = vectorFromArray([true, false], new Bool());
const one = vectorFromArray([1], new Float64());

it.each([
  { name: 'strings and a number', columns: { names, numbers }, type: 'numeric-long', version: [0, 1] },
  { name: 'strings and several numbers', columns: { numbers, names, integers }, type: 'numeric-long', version: [0, 1] },
  { name: 'strings and a boolean', columns: { names, flags }, type: 'numeric-long', version: [0, 1] },
  { name: 'a row of numbers', columns: { one, other: one }, type: 'numeric-wide', version: [0, 1] },
  { name: 'rows of numbers without strings', columns: { numbers, integers }, type: 'table', version: [0, 0] },
  { name: 'strings', columns: { names }, type: 'table', version: [0, 0] },
  { name: 'times and numbers', columns: { time: timeColumn([1n, 2n]), numbers }, type: 'table', version: [0, 0] },
])('declares $name as $type', async ({ columns, type, version }) => {
  expect((await table(columns)).meta).toMatchObject({ type, typeVersion: version });
});

/** The units of the columns that have one. */
function units(frame: ReadFrame): Record<string, unknown> {
  return Object.fromEntries(frame.fields.flatMap(({ name, config }) => (config?.unit ? [[name, config.unit]] : [])));
}

describe('units', () => {
  it('come from the column `unit` if all rows have the same unit', async () => {
    const unit = vectorFromArray(['ms', 'ms'], new Utf8());
    expect(units(await table({ value: numbers, unit, count: integers }))).toEqual({ value: 'ms' });
    const words = vectorFromArray(['bytes', 'bytes'], new Dictionary(new Utf8(), new Int32()));
    expect(units(await table({ unit: words, value: numbers }))).toEqual({ value: 'bytes' });
  });

  it('are missing if the units of rows or batches differ, or if the unit is unknown', async () => {
    const mixed = vectorFromArray(['ms', 's'], new Utf8());
    expect(units(await table({ value: numbers, unit: mixed }))).toEqual({});
    expect(units(await table({ value: numbers, unit: vectorFromArray(['parsecs', 'parsecs'], new Utf8()) }))).toEqual(
      {}
    );
    expect(units(await table({ value: numbers, unit: vectorFromArray([null, 'ms'], new Utf8()) }))).toEqual({});
    const batches = ['ms', 's'].map((unit) =>
      messagesOf(new Table({ value: one, unit: vectorFromArray([unit], new Utf8()) }))
    );
    const [first = [], second = []] = batches;
    expect(units(await buildOne([...first, ...second.slice(1)]))).toEqual({});
  });

  const EXPRESSION: Partial<FrameOptions> = { hidesSharedUnit: true, seriesFrames: 'multi' };
  const unitOf = (...words: Array<string | null>) => vectorFromArray(words, new Utf8());

  it('are set for an expression, but the column `unit` is left out, because the expression would read it as a label', async () => {
    const columns = { names, unit: unitOf('ms', 'ms'), value: numbers };
    const frame = await buildOne(messagesOf(new Table(columns)), EXPRESSION);
    expect(frame.fields.map(({ name }) => name)).toEqual(['names', 'value']);
    expect(frame.fields.map(({ values }) => values)).toEqual([
      ['a', 'b'],
      [1, 2],
    ]);
    expect(frame.meta).toMatchObject({ type: 'numeric-long' });
    expect(units(frame)).toEqual({ value: 'ms' });
    const single = await buildOne(messagesOf(new Table({ unit: unitOf(null), value: one })), EXPRESSION);
    expect(single.meta).toMatchObject({ type: 'numeric-wide' });
  });

  it.each<{ name: string; words: [string, string]; options: Partial<FrameOptions> }>([
    { name: 'the units differ', words: ['ms', 's'], options: EXPRESSION },
    { name: 'a panel shows the table', words: ['ms', 'ms'], options: { ...EXPRESSION, seriesFrames: 'wide' } },
    { name: 'an author wrote the SQL', words: ['ms', 'ms'], options: { seriesFrames: 'multi' } },
  ])('stay in the column `unit` if $name', async ({ words, options }) => {
    const frame = await buildOne(messagesOf(new Table({ names, unit: unitOf(...words), value: numbers })), options);
    expect(frame.fields.map(({ name }) => name)).toEqual(['names', 'unit', 'value']);
  });

  it("are set for Micromegas's sizes", async () => {
    const frame = await table({
      // Each column needs its own vector: the reference implementation writes a wrong size for a vector that occurs
      // twice.
      ...Object.fromEntries(
        ['payload_size', 'net.bytes', 'bit_size', 'size'].map((name) => [name, vectorFromArray([1n, 2n], new Int64())])
      ),
      bytes_text: names,
    });
    expect(units(frame)).toEqual({ payload_size: 'bytes', 'net.bytes': 'bytes', bit_size: 'bits' });
  });

  it('are set for the durations of spans', async () => {
    const columns = ['duration', 'duration_ms', 'max_duration'].map((name) => [
      name,
      vectorFromArray([1n, 2n], new Int64()),
    ]);
    const frame = await table(Object.fromEntries(columns));
    expect(units(frame)).toEqual({ duration: 'ns' });
  });

  it.each([
    ['a float', () => vectorFromArray([1.5, 2], new Float64())],
    ['a shorter integer', () => vectorFromArray([1, 2], new Int32())],
    ['an unsigned integer', () => vectorFromArray([1n, 2n], new Uint64())],
  ])('are missing for a duration that is %s', async (_, values) => {
    expect(units(await table({ duration: values() }))).toEqual({});
  });
});

it('maps levels to names and colors, and keeps their numbers', async () => {
  const frame = await table({ level: columnOf(new Int32(), Int32Array.of(1, 6)), other_level: integers });
  expect(frame.fields[0]).toMatchObject({
    values: [1, 6],
    config: {
      mappings: [{ type: 'value', options: { 1: { text: 'Fatal', color: 'purple' }, 6: { text: 'Trace' } } }],
    },
  });
  expect(frame.fields[1]?.config).toBeUndefined();
});
