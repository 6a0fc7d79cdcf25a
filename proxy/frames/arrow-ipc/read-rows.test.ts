import { Binary, Bool, Dictionary, Field, Int32, List, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { growth } from '../../../tests/support/growth';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { type IpcMessage } from './message-header';
import { readRows, readSchema, type ResultRow } from './read-rows';
import { splitStream } from './testing/ipc-bytes';
import { batchMessageOf, field, int32s, schemaMessageOf } from './testing/write-ipc';

const TABLE = new Table({
  name: vectorFromArray(['a', null, 'Grüße'], new Utf8()),
  kind: vectorFromArray(['x', 'y', 'x'], new Dictionary(new Utf8(), new Int32())),
  bytes: vectorFromArray([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)], new Binary()),
});

/** Counts the messages that were pulled. */
async function* messagesOf(table: Table, pulled = { count: 0 }): AsyncGenerator<IpcMessage> {
  for (const message of splitStream(tableToIPC(table, 'stream'))) {
    pulled.count++;
    yield await Promise.resolve(message);
  }
}

async function* stream(messages: IpcMessage[]): AsyncGenerator<IpcMessage> {
  yield* messages;
}

async function collect<Value>(read: (row: ResultRow) => Value, memory: MemoryAccount): Promise<Value[]> {
  const values: Value[] = [];
  for await (const row of readRows(messagesOf(TABLE), memory)) {
    values.push(read(row));
  }
  return values;
}

it('reads strings by name and by position, from plain columns and from dictionaries', async () => {
  const rows = await collect((row) => [row.string('kind'), row.string(0)], unlimitedAccount());
  expect(rows).toEqual([
    ['x', 'a'],
    ['y', ''],
    ['x', 'Grüße'],
  ]);
});

it('reads the first of several columns with the same name, and columns such as `constructor`', async () => {
  const column = (name: string) => field(name, { kind: 'int', bits: 8, signed: true });
  const names = ['__proto__', 'a', 'x'.repeat(3000), 'a', 'constructor'];
  const messages = [
    schemaMessageOf(names.map(column)),
    batchMessageOf({
      length: 1,
      nodes: names.map(() => [1, 0] as const),
      buffers: names.flatMap((_, index) => [new Uint8Array(0), Uint8Array.of(index)]),
    }),
  ];
  for await (const row of readRows(stream(messages), unlimitedAccount())) {
    expect(names.map((name) => row.value(name))).toEqual([0, 1, 2, 1, 4]);
    expect(() => row.value('toString')).toThrow('The result has no column toString.');
  }
  expect.assertions(2);
});

it.each([-1, 1, 2 ** 31 - 1])(
  'rejects a string view that refers to the data buffer %d if there is only buffer 0',
  async (buffer) => {
    const messages = [
      schemaMessageOf([field('a', { kind: 'utf8View' })]),
      batchMessageOf({
        length: 1,
        nodes: [[1, 0]],
        buffers: [new Uint8Array(0), int32s(13, 0, buffer, 0), new Uint8Array(20)],
        variadicCounts: [1],
      }),
    ];
    const read = async () => {
      for await (const row of readRows(stream(messages), unlimitedAccount())) {
        row.string(0);
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'result_malformed' });
  }
);

it('finds a column by name in many rows in linear time', async () => {
  const resultOf = (columns: number) => ({
    lastName: `column ${columns - 1}`,
    messages: [
      schemaMessageOf(Array.from({ length: columns }, (_, index) => field(`column ${index}`, { kind: 'null' }))),
      batchMessageOf({
        length: columns,
        nodes: new Array<readonly [number, number]>(columns).fill([columns, columns]),
        buffers: [],
      }),
    ],
  });
  const readLast = async ({ lastName, messages }: ReturnType<typeof resultOf>) => {
    for await (const row of readRows(stream(messages), unlimitedAccount())) {
      row.value(lastName);
    }
  };
  expect(await growth(readLast, resultOf, 2000)).toBeLessThan(8);
});

it('reads values of any type', async () => {
  const table = new Table({
    flag: vectorFromArray([true, null], new Bool()),
    tags: vectorFromArray([['cpu', null], []], new List(new Field('item', new Utf8()))),
  });
  const values: unknown[] = [];
  for await (const row of readRows(messagesOf(table), unlimitedAccount())) {
    values.push([row.value('flag'), row.value('tags'), row.string('flag')]);
  }
  expect(values).toEqual([
    [true, ['cpu', null], ''],
    [null, [], ''],
  ]);
});

it('reads bytes', async () => {
  expect(await collect((row) => Array.from(row.bytes('bytes')), unlimitedAccount())).toEqual([[1], [], [2, 3]]);
});

it.each([
  {
    name: 'a missing column',
    read: (row: ResultRow) => row.string('other'),
    detail: 'The result has no column other.',
  },
  { name: 'a position out of range', read: (row: ResultRow) => row.string(3), detail: 'The result has no column 3.' },
  {
    name: 'bytes of a text column',
    read: (row: ResultRow) => Array.from(row.bytes('name')).join(),
    detail: 'The column name of the result is not binary.',
  },
])('fails for $name', async ({ read, detail }) => {
  await expect(collect(read, unlimitedAccount())).rejects.toMatchObject({ code: 'result_malformed', detail });
});

it('fails when the account exceeds its limit', async () => {
  const memory = accountOf(1000);
  const notes = () => memory.note(2000);
  await expect(collect(notes, memory)).rejects.toMatchObject({ code: 'result_too_large' });
});

it('reads a schema without pulling rows', async () => {
  const pulled = { count: 0 };
  const schema = await readSchema(messagesOf(TABLE, pulled), unlimitedAccount());
  expect(schema?.fields.map(({ name }) => name)).toEqual(['name', 'kind', 'bytes']);
  expect(pulled.count).toBe(1);
});
