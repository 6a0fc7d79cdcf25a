/**
 * Converts every Arrow type with buildFrames.
 *
 * The stream was written by arrow-go 18.8. It has one column per type and three batches: three rows (value, null,
 * value), a slice of two rows, and no rows. tests/conformance/golden-results.ts checks the frame with Grafana's
 * decoder.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArrowType, type IpcMessage } from '../arrow-ipc';
import { asVersion4, batchMessageOf, field, int32s, schemaMessageOf } from '../arrow-ipc/testing/write-ipc';
import { buildOne, type ReadField, type ReadFrame, splitStream } from './testing/arrow-messages';

const GOLDEN = join(__dirname, 'golden', 'every-type.arrows');
const JAN_2 = 1_767_312_000_000_000_000n;
const CLOCK = 11_045_000_000_000n;

interface Case {
  column: string;
  type: string;
  values: [unknown, unknown, unknown];
  /** Rows of the second batch. Default: the last two rows of the first batch. */
  second?: [unknown, unknown];
}

const LONG = 'long text that does not fit';
const cases: Case[] = [
  { column: 'null', type: 'Utf8', values: [null, null, null] },
  { column: 'i8', type: 'Int8', values: [1, null, -3] },
  { column: 'i16', type: 'Int16', values: [1, null, -3] },
  { column: 'i32', type: 'Int32', values: [1, null, -3] },
  { column: 'i64', type: 'Int64', values: [9_007_199_254_740_993n, null, -3n] },
  { column: 'u8', type: 'Uint8', values: [1, null, 255] },
  { column: 'u16', type: 'Uint16', values: [1, null, 65_535] },
  { column: 'u32', type: 'Uint32', values: [1, null, 4_294_967_295] },
  { column: 'u64', type: 'Uint64', values: [1n, null, 18_446_744_073_709_551_615n] },
  { column: 'f16', type: 'Float32', values: [1.5, null, -2] },
  { column: 'f32', type: 'Float32', values: [1.5, null, -2] },
  { column: 'f64', type: 'Float64', values: [1.5, null, -2] },
  { column: 'bool', type: 'Bool', values: [true, null, false] },
  { column: 'utf8', type: 'Utf8', values: ['a', null, 'é'] },
  { column: 'lutf8', type: 'Utf8', values: ['a', null, LONG] },
  { column: 'utf8view', type: 'Utf8', values: ['a', null, LONG] },
  { column: 'bin', type: 'Utf8', values: ['AAEC', null, '/w=='] },
  { column: 'lbin', type: 'Utf8', values: ['AAEC', null, '/w=='] },
  { column: 'binview', type: 'Utf8', values: ['AAEC', null, '/w=='] },
  { column: 'fsb', type: 'Utf8', values: ['000102', null, 'ffffff'] },
  { column: 'jsonb', type: 'Binary', values: ['{"a":"b"}', null, '{}'] },
  { column: 'ts_s', type: 'Timestamp<NANOSECOND>', values: [JAN_2 + CLOCK, null, -1_000_000_000n] },
  { column: 'ts_ms', type: 'Timestamp<NANOSECOND>', values: [JAN_2 + CLOCK + 123_000_000n, null, -500_000_000n] },
  { column: 'ts_us', type: 'Timestamp<NANOSECOND>', values: [JAN_2 + CLOCK + 123_456_000n, null, -500_000_000n] },
  { column: 'ts_ns', type: 'Timestamp<NANOSECOND>', values: [JAN_2 + CLOCK + 123_456_789n, null, -500_000_000n] },
  { column: 'd32', type: 'Timestamp<NANOSECOND>', values: [JAN_2, null, -86_400_000_000_000n] },
  { column: 'd64', type: 'Timestamp<NANOSECOND>', values: [JAN_2, null, -86_400_000_000_000n] },
  { column: 't32s', type: 'Int64', values: [CLOCK, null, 0n] },
  { column: 't32ms', type: 'Int64', values: [CLOCK + 500_000_000n, null, 0n] },
  { column: 't64us', type: 'Int64', values: [CLOCK + 500_000_000n, null, 0n] },
  { column: 't64ns', type: 'Int64', values: [CLOCK + 1n, null, 0n] },
  { column: 'dur_s', type: 'Int64', values: [5_000_000_000n, null, -1_000_000_000n] },
  { column: 'dur_ms', type: 'Int64', values: [5_000_000n, null, -1_000_000n] },
  { column: 'dur_us', type: 'Int64', values: [5000n, null, -1000n] },
  { column: 'dur_ns', type: 'Int64', values: [5n, null, -1n] },
  { column: 'dec32', type: 'Float64', values: [1.25, null, -0.05] },
  { column: 'dec64', type: 'Float64', values: [1.25, null, -0.05] },
  { column: 'dec128', type: 'Float64', values: [1.125, null, -12345678901234567000] },
  { column: 'dec256', type: 'Float64', values: [1.125, null, -0.5] },
  { column: 'iv_ym', type: 'Utf8', values: ['P14M', null, 'P-1M'] },
  { column: 'iv_dt', type: 'Utf8', values: ['P1DT1.5S', null, 'P-1D'] },
  { column: 'iv_mdn', type: 'Utf8', values: ['P1M2DT3.000000004S', null, 'PT-0.000000001S'] },
  { column: 'list', type: 'Binary', values: ['[1,null,9007199254740993]', null, '[]'] },
  { column: 'llist', type: 'Binary', values: ['["a","b\\"c"]', null, '[]'] },
  { column: 'listview', type: 'Binary', values: ['["a","b"]', null, '["c"]'], second: ['["a","b"]', null] },
  { column: 'fslist', type: 'Binary', values: ['[1.5,2]', null, '[3,4]'] },
  {
    column: 'struct',
    type: 'Binary',
    values: ['{"x":1,"t":"2026-01-02T03:04:05.123456789Z"}', null, '{"x":null,"t":null}'],
  },
  { column: 'map', type: 'Binary', values: ['{"k":1}', null, '{}'] },
  { column: 'dict8', type: 'Utf8View', values: ['x', null, 'y'] },
  { column: 'dictu16', type: 'Utf8View', values: ['x', null, 'y'] },
  { column: 'dict64', type: 'Float64', values: [1.5, null, 1.5] },
  { column: 'dictjsonb', type: 'Binary', values: ['{"a":"b"}', null, '{}'] },
  { column: 'listdict', type: 'Binary', values: ['["x","x"]', null, '["y"]'] },
  { column: 'ree', type: 'Binary', values: ['"r"', '"r"', null], second: ['"r"', '"r"'] },
  { column: 'dunion', type: 'Binary', values: ['7', '"q"', '9'], second: ['7', '"q"'] },
  { column: 'sunion', type: 'Binary', values: ['7', '"q"', '"r"'], second: ['7', '"q"'] },
];

let frame: ReadFrame;
beforeAll(async () => {
  frame = await buildOne(splitStream(readFileSync(GOLDEN)));
});

it.each(cases)('$column becomes $type', ({ column, type, values, second }) => {
  const field = frame.fields.find(({ name }) => name === column);
  expect(field).toMatchObject({ type, nullable: true, values: [...values, ...(second ?? values.slice(1))] });
});

it('has a case for every column', () => {
  expect(frame.fields.map(({ name }) => name)).toEqual(cases.map(({ column }) => column));
});

it('sets the unit of durations and times of day', () => {
  const units = frame.fields.filter(({ config }) => config?.unit === 'ns').map(({ name }) => name);
  expect(units).toEqual(['t32s', 't32ms', 't64us', 't64ns', 'dur_s', 'dur_ms', 'dur_us', 'dur_ns']);
});

it('adds notices for rounded decimals and for numbers that browsers round, and no others', () => {
  expect(frame.meta.notices).toEqual([
    { severity: 'warning', text: expect.stringContaining('Column "dec128" (Decimal128(38, 3)) holds decimals') },
    {
      severity: 'info',
      text: expect.stringMatching(
        /^Columns "list", "i64" and "u64" hold numbers that browsers round.*"Big integers as text"/
      ),
    },
  ]);
});

it.each(['every-type-lz4.arrows', 'every-type-zstd.arrows'])('reads the same values from %s', async (file) => {
  const compressed = await buildOne(splitStream(readFileSync(join(__dirname, 'golden', file))));
  expect(compressed.fields).toEqual(frame.fields);
});

describe('unions of metadata version 4, which have a validity bitmap', () => {
  const INT8: ArrowType = { kind: 'int', bits: 8, signed: true };
  const NO_BYTES = new Uint8Array(0);
  const members = [field('n', INT8), field('flag', { kind: 'bool' })];
  const union = (dense: boolean): ArrowType => ({ kind: 'union', dense, typeIds: [0, 1], fields: members });
  const schema = schemaMessageOf([field('sparse', union(false)), field('dense', union(true)), field('after', INT8)]);
  const typeIds = Uint8Array.of(0, 1, 0);
  const unionNodes = (nullCount: number) =>
    [
      [3, nullCount],
      [3, 0],
      [3, 0],
    ] as Array<[number, number]>;
  const memberBuffers = [NO_BYTES, Uint8Array.of(7, 8, 9), NO_BYTES, Uint8Array.of(0b010)];
  const batch = (validity: readonly Uint8Array[], nullCount: number) =>
    batchMessageOf({
      length: 3,
      nodes: [...unionNodes(nullCount), ...unionNodes(nullCount), [3, 0]],
      buffers: [
        ...validity,
        typeIds,
        ...memberBuffers,
        ...validity,
        typeIds,
        int32s(0, 1, 2),
        ...memberBuffers,
        NO_BYTES,
        Uint8Array.of(1, 2, 3),
      ],
    });
  const valuesOf = async (messages: IpcMessage[]) => (await buildOne(messages)).fields.map(({ values }) => values);

  it.each([
    { name: 'without nulls', validity: [NO_BYTES], nullCount: 0, values: ['7', 'true', '9'] },
    { name: 'with nulls', validity: [Uint8Array.of(0b011)], nullCount: 1, values: ['7', 'true', null] },
  ])('are read $name', async ({ validity, nullCount, values }) => {
    const messages = [schema, batch(validity, nullCount)].map(asVersion4);
    expect(await valuesOf(messages)).toEqual([values, values, [1, 2, 3]]);
  });

  it('are rejected if the bitmap is missing; unions of version 5 are rejected if they have a bitmap', async () => {
    const code = 'result_malformed';
    await expect(valuesOf([schema, batch([], 0)].map(asVersion4))).rejects.toMatchObject({ code });
    await expect(valuesOf([schema, batch([NO_BYTES], 0)])).rejects.toMatchObject({ code });
  });
});

it('writes big integers as strings on request, and changes no other columns', async () => {
  const strings = await buildOne(splitStream(readFileSync(GOLDEN)), { bigIntegersAsText: true });
  const changed = strings.fields.filter(
    (field, index) => JSON.stringify(shown(field)) !== JSON.stringify(shown(frame.fields[index]))
  );
  expect(changed.map(({ name, type, values }) => [name, type, values.slice(0, 3)])).toEqual([
    ['i64', 'Utf8', ['9007199254740993', null, '-3']],
    ['u64', 'Utf8', ['1', null, '18446744073709551615']],
    ['list', 'Binary', ['[1,null,"9007199254740993"]', null, '[]']],
  ]);
  expect(strings.meta.notices).toHaveLength(1);
});

function shown(field: ReadField | undefined): unknown {
  return field?.values.map(String).concat(field.type);
}
