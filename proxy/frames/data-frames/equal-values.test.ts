/**
 * Values without bytes, such as nulls: a message of a few hundred bytes may declare 16 million of them in a dictionary.
 */
import { type ArrowType, type IpcMessage } from '../arrow-ipc';
import { batchMessageOf, dictionaryMessageOf, field, schemaMessageOf } from '../arrow-ipc/testing/write-ipc';
import { accountOf } from '../../observe/memory/testing/accounts';
import { build, buildOne } from './testing/arrow-messages';

const NO_BYTES = new Uint8Array(0);
const INT8 = { kind: 'int', bits: 8, signed: true } as const;
const MIB = 1024 * 1024;

type Node = readonly [length: number, nullCount: number];

const SOURCES: Array<{
  name: string;
  value: ArrowType;
  nodes: (count: number) => Node[];
  buffers: Uint8Array[];
  expected: unknown;
}> = [
  { name: 'nulls', value: { kind: 'null' }, nodes: (count) => [[count, count]], buffers: [], expected: null },
  {
    name: 'binary values of length 0',
    value: { kind: 'fixedSizeBinary', widthBytes: 0 },
    nodes: (count) => [[count, 0]],
    buffers: [NO_BYTES, NO_BYTES],
    expected: '',
  },
  {
    name: 'structs of nulls',
    value: { kind: 'struct', fields: [field('a', { kind: 'null' })] },
    nodes: (count) => [
      [count, 0],
      [count, count],
    ],
    buffers: [NO_BYTES],
    expected: '{"a":null}',
  },
];

function messagesOf(
  { value, nodes, buffers }: (typeof SOURCES)[number],
  count: number,
  indices: number[]
): IpcMessage[] {
  return [
    schemaMessageOf([field('value', { kind: 'dictionary', id: 0, index: INT8, value })]),
    dictionaryMessageOf({ length: count, nodes: nodes(count), buffers }),
    batchMessageOf({
      length: indices.length,
      nodes: [[indices.length, 0]],
      buffers: [NO_BYTES, Uint8Array.from(indices)],
    }),
  ];
}

describe.each(SOURCES)('a dictionary of $name', (source) => {
  it.each([{ options: {} }, { options: { encoding: 'json' as const } }])(
    'is read with $options',
    async ({ options }) => {
      const messages = messagesOf(source, 3, [0, 2, 1]);
      const { frames } = await build(messages, options);
      const values =
        'encoding' in options
          ? JSON.parse(Buffer.concat(frames[0]).toString()).data.values[0].map((value: unknown) =>
              typeof value === 'object' && value !== null ? JSON.stringify(value) : value
            )
          : (await buildOne(messages)).fields[0].values;
      expect(values).toEqual([source.expected, source.expected, source.expected]);
    }
  );

  it('rejects indices outside of the dictionary', async () => {
    for (const index of [3, -1]) {
      await expect(build(messagesOf(source, 3, [0, index]))).rejects.toMatchObject({ code: 'result_malformed' });
    }
  });
});

it.each(SOURCES.slice(0, 2))('takes little memory for a dictionary of 16 million $name', async (source) => {
  const memory = accountOf(4 * MIB);
  const { rows } = await build(messagesOf(source, 2 ** 24, [0, 127]), { memory });
  expect(rows).toBe(2);
  expect(memory.heldBytes).toBeLessThan(MIB);
});
