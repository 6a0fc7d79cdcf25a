/** The expected strings are the output of grafana-plugin-sdk-go 0.298 for the same frames. */
import { Bool, Float32, Float64, makeVector, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FrameOptions } from './frame-options';
import { jsonFrame } from './json-frame-writer';
import { build, messagesOf, splitStream, timeColumn } from './testing/arrow-messages';

async function jsonOf(columns: Record<string, unknown>, options: Partial<FrameOptions> = {}): Promise<string> {
  const { frames } = await build(messagesOf(new Table(columns as never)), { encoding: 'json', ...options });
  return Buffer.concat(frames[0] ?? []).toString();
}

it('writes schema and values', async () => {
  const json = await jsonOf({
    text: vectorFromArray(['a"\n', null, 'é'], new Utf8()),
    n: makeVector(Int8Array.of(1, -2, 3)),
  });
  expect(json).toBe(
    '{"schema":{"refId":"A","meta":{"type":"numeric-long","typeVersion":[0,1],"executedQueryString":"SELECT 1"},' +
      '"fields":[{"name":"text","type":"string","typeInfo":{"frame":"string","nullable":true}},' +
      '{"name":"n","type":"number","typeInfo":{"frame":"int8","nullable":true}}]},' +
      '"data":{"values":[["a\\"\\n",null,"é"],[1,-2,3]]}}'
  );
});

it.each([
  {
    name: 'integers with all digits',
    columns: { a: makeVector(BigInt64Array.of(9007199254740993n)), b: makeVector(BigUint64Array.of(2n ** 64n - 1n)) },
    data: '{"values":[[9007199254740993],[18446744073709551615]]}',
  },
  {
    name: 'single precision with the shortest digits',
    columns: { f: vectorFromArray([0.1, -3.25], new Float32()) },
    data: '{"values":[[0.1,-3.25]]}',
  },
  {
    name: 'NaN and infinities as entities',
    columns: { n: vectorFromArray([1, NaN, Infinity, -Infinity, NaN], new Float64()), i: makeVector(new Int8Array(5)) },
    data: '{"values":[[1,null,null,null,null],[0,0,0,0,0]],"entities":[{"NaN":[1,4],"Inf":[2],"NegInf":[3]},null]}',
  },
  {
    name: 'times in milliseconds and nanos',
    columns: { t: timeColumn([1_500_000n, null, -1n]), u: timeColumn([1_000_000n, 0n, null]) },
    data: '{"values":[[1,null,-1],[1,0,null]],"nanos":[[500000,0,999999],null]}',
  },
  {
    name: 'booleans',
    columns: { on: vectorFromArray([true, null, false], new Bool()) },
    data: '{"values":[[true,null,false]]}',
  },
])('writes $name', async ({ columns, data }) => {
  const json = await jsonOf(columns);
  expect(json.slice(json.indexOf('"data":') + 7, -1)).toBe(data);
});

it('continues the row numbers of entities in the second batch', async () => {
  const [schema, batch] = messagesOf(new Table({ n: vectorFromArray([1, NaN], new Float64()) }));
  const messages = [schema, batch, batch].flatMap((message) => message ?? []);
  const { frames } = await build(messages, { encoding: 'json' });
  expect(Buffer.concat(frames[0] ?? []).toString()).toContain('"values":[[1,null,1,null]],"entities":[{"NaN":[1,3]}]');
});

it('writes labels, units and notices of time series', async () => {
  const json = await jsonOf(
    {
      time: timeColumn([1_000_000n, 1_000_000n]),
      unit: vectorFromArray(['s', 's'], new Utf8()),
      v: vectorFromArray([1, 2], new Float64()),
    },
    { format: 'time_series' }
  );
  expect(JSON.parse(json)).toMatchObject({
    schema: {
      meta: { type: 'timeseries-wide', notices: [{ severity: 'warning' }] },
      fields: [
        { name: 'time', type: 'time', typeInfo: { frame: 'time.Time' } },
        { name: 'v', labels: { unit: 's' }, config: { unit: 's' } },
      ],
    },
    data: { values: [[1], [2]] },
  });
});

it.each(['every-type.arrows', 'nested.arrows', 'pyarrow-types.arrows'])('writes valid JSON for %s', async (file) => {
  const messages = splitStream(readFileSync(join(__dirname, 'golden', file)));
  const { frames, rows } = await build(messages, { encoding: 'json' });
  const { schema, data } = JSON.parse(Buffer.concat(frames[0] ?? []).toString()) as {
    schema: { fields: unknown[] };
    data: { values: unknown[][] };
  };
  expect(data.values).toHaveLength(schema.fields.length);
  expect(data.values.every((column) => column.length === rows)).toBe(true);
});

it('returns the frame in pieces', async () => {
  const { frames, bytes } = await build(messagesOf(new Table({ n: makeVector(new Float64Array(400_000).fill(1.5)) })), {
    encoding: 'json',
  });
  expect(frames[0]?.length).toBeGreaterThan(4);
  expect(bytes).toBeGreaterThan(1_600_000);
});

it('writes frames with more columns than a call may have arguments', () => {
  const fields = Array.from({ length: 200_000 }, () => ({ name: 'v', kind: 'float64', nullable: true }) as const);
  const columns = fields.map(() => ({ values: [], entities: null, nanos: undefined }));
  const time = { values: [Buffer.from('1')], entities: null, nanos: [Buffer.from('5')] };
  const pieces = jsonFrame({ refId: 'A', meta: {}, fields }, [time, ...columns.slice(1)]);
  const { data } = JSON.parse(Buffer.concat(pieces).toString()) as { data: Record<string, unknown[]> };
  expect([data.values.length, data.nanos.length, data.nanos[0]]).toEqual([200_000, 200_000, [5]]);
});
