/** Converts strings of dictionaries with buildFrames. */
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { Binary, Dictionary, Int32, makeData, Table, Utf8, Vector, vectorFromArray } from 'apache-arrow';
import { createConverter, type IpcMessage } from '../arrow-ipc';
import { PLAIN_NUMBERS } from '../arrow-ipc/json-values';
import { streamFrames } from './build-frames';
import { build, buildOne, messagesOf, OPTIONS, readFrame, stream } from './testing/arrow-messages';

/** The messages of a dictionary of strings and of one batch. */
function words(type: Dictionary<Utf8, Int32>, dictionary: string[], indices: number[]): IpcMessage[] {
  const data: unknown = makeData({
    type,
    length: indices.length,
    nullCount: 0,
    data: Int32Array.from(indices),
    dictionary: vectorFromArray(dictionary, new Utf8()),
  } as never);
  return messagesOf(new Table({ word: new Vector([data as never]) }));
}

const type = new Dictionary(new Utf8(), new Int32(), 7);
const long = 'a text that is longer than what a view holds itself';

describe('strings of dictionaries', () => {
  it('may be replaced between batches', async () => {
    const messages = [...words(type, ['a', long], [0, 1, 1, 1]), ...words(type, ['c', 'd'], [1, 0]).slice(1)];
    const frame = await buildOne(messages);
    expect(frame.fields[0]?.values).toEqual(['a', long, long, long, 'd', 'c']);
  });

  it('may be used by several batches', async () => {
    const [schema, dictionary, batch] = words(type, ['a', 'b'], [0, 1]);
    const frame = await buildOne([schema, dictionary, batch, batch].flatMap((message) => message ?? []));
    expect(frame.fields[0]?.values).toEqual(['a', 'b', 'a', 'b']);
  });

  it('may grow by deltas', async () => {
    const values = vectorFromArray(['a', 'b'], new Utf8()).concat(vectorFromArray(['c'], new Utf8()));
    const data: unknown = makeData({
      type,
      length: 3,
      nullCount: 0,
      data: Int32Array.of(2, 0, 1),
      dictionary: values,
    } as never);
    const messages = messagesOf(new Table({ word: new Vector([data as never]) }));
    expect(messages).toHaveLength(4);
    const frame = await buildOne(messages);
    expect(frame.fields[0]?.values).toEqual(['c', 'a', 'b']);
  });

  it('become views in Arrow files, but not in JSON and in streamed parts', async () => {
    const messages = words(type, ['a', long], [0, 1]);
    expect((await buildOne(messages)).fields[0]).toMatchObject({ type: 'Utf8View', values: ['a', long] });
    const json = await build(messages, { encoding: 'json' });
    expect(Buffer.concat(json.frames[0] ?? []).toString()).toContain(`"values":[["a","${long}"]]`);
    for await (const { pieces } of streamFrames(stream(messages), OPTIONS)) {
      expect(readFrame(pieces).fields[0]).toMatchObject({ type: 'Utf8', values: ['a', long] });
    }
  });

  describe('in batches of many rows', () => {
    const rows = 5000;
    const numbers = Array.from({ length: rows }, (_, row) => (row % 11 === 0 ? null : row));
    const strings = Array.from({ length: rows }, (_, row) =>
      row % 5 === 3 ? null : row < 3000 ? long : `w${row % 3}`
    );
    const bags = Array.from({ length: rows }, (_, row) => (row % 900 < 100 ? null : Math.floor(row / 300) % 3));
    const bag = (value: number | null) =>
      value === null ? null : Uint8Array.of(0x40, 0, 0, 1, 0x10, 0, 0, 1, 0x10, 0, 0, 1, 0x6b, 0x30 + value);
    const table = () =>
      new Table({
        word: vectorFromArray(strings),
        number: vectorFromArray(numbers, new Int32()),
        properties: vectorFromArray(bags.map(bag), new Dictionary(new Binary(), new Int32(), 9)),
        nothing: vectorFromArray(
          numbers.map(() => null),
          new Int32()
        ),
      });
    const json = bags.map((value) => (value === null ? null : `{"k":"${value}"}`));

    it('become views, next to other columns', async () => {
      const messages = messagesOf(table());
      const { frames } = await build(messages);
      expect(readFrame(frames[0] ?? []).fields.map(({ type: kind, values }) => [kind, values])).toEqual([
        ['Utf8View', strings],
        ['Int32', numbers],
        ['Binary', json],
        ['Int32', numbers.map(() => null)],
      ]);
    });

    it('have the values of the new dictionary after a dictionary of JSON is replaced', async () => {
      const jsonType = new Dictionary(new Binary(), new Int32(), 11);
      const at = (row: number, from: number) => from + (Math.floor(row / 700) % 3);
      const batchOf = (from: number) =>
        messagesOf(
          new Table({
            j: vectorFromArray(
              Array.from({ length: rows }, (_, row) => bag(at(row, from))),
              jsonType
            ),
          })
        );
      const replaced = [...batchOf(0), ...batchOf(5).slice(1)];
      const expected = [0, 5].flatMap((from) => Array.from({ length: rows }, (_, row) => `{"k":"${at(row, from)}"}`));
      const { frames } = await build(replaced);
      expect(readFrame(frames[0] ?? []).fields[0]?.values).toEqual(expected);
    });

    /** A dictionary of one JSON value of about `size` bytes, and batches of 1000 rows with that value. */
    const jsonBatches = (size: number, batches: number) => {
      const bytes = Buffer.from('x'.repeat(size));
      const value = Buffer.from([
        0x40,
        0,
        0,
        1,
        0x10,
        0,
        0,
        1,
        0x10,
        0,
        bytes.length >> 8,
        bytes.length & 255,
        0x6b,
        ...bytes,
      ]);
      const [schema, dictionary, batch] = messagesOf(
        new Table({
          j: vectorFromArray(new Array<Uint8Array>(1000).fill(value), new Dictionary(new Binary(), new Int32(), 3)),
        })
      );
      return [schema, dictionary, ...new Array<IpcMessage | undefined>(batches).fill(batch)].flatMap(
        (message) => message ?? []
      );
    };

    it('are counted in the memory account once per row, although the rows share a value', async () => {
      const memory = accountOf(20 * 1000 * 5000);
      const { truncated, rows } = await build(jsonBatches(5000, 20), { memory });
      expect(truncated).toBe(true);
      expect(rows).toBeGreaterThan(15 * 1000);
    });

    it('are written as strings with offsets in streamed parts and in JSON', async () => {
      const messages = messagesOf(table());
      for await (const { pieces } of streamFrames(stream(messages), OPTIONS)) {
        const [word, , properties] = readFrame(pieces).fields;
        expect([word?.values, properties?.values]).toEqual([strings, json]);
        expect(Buffer.concat(pieces).length).toBeGreaterThan(3000 * long.length);
      }
      const { frames } = await build(messages, { encoding: 'json' });
      const { data } = JSON.parse(Buffer.concat(frames[0] ?? []).toString()) as { data: { values: unknown[][] } };
      expect(data.values[0]).toEqual(strings);
    });
  });

  it('do not become views if the values are binary, because these may be JSON', async () => {
    const json = { kind: 'dictionary', id: 1, index: { kind: 'int', bits: 32, signed: true } } as const;
    const context = { report: () => undefined, numbers: PLAIN_NUMBERS, stringViews: true, memory: unlimitedAccount() };
    const kindOf = (kind: 'binary' | 'utf8' | 'interval') =>
      createConverter({ ...json, value: kind === 'interval' ? { kind, unit: 'dayTime' } : { kind } }, context).kind;
    expect([kindOf('binary'), kindOf('utf8'), kindOf('interval')]).toEqual(['utf8', 'utf8View', 'utf8View']);
  });

  it('may be truncated within a batch', async () => {
    const { frames } = await build(words(type, ['a', long], [1, 0, 1, 1]), { maxRows: 3 });
    expect(readFrame(frames[0] ?? []).fields[0]?.values).toEqual([long, 'a', long]);
  });

  it('are sent with a small batch only if the rows of this batch use them', async () => {
    const values = Array.from({ length: 2000 }, (_, index) => `${long}, number ${index}`);
    const [schema, dictionary, batch] = words(type, values, [7, 7, 1999]);
    const batches = new Array<IpcMessage | undefined>(500).fill(batch);
    const built = await build([schema, dictionary, ...batches].flatMap((message) => message ?? []));
    expect(built.bytes).toBeLessThan(500 * 800);
    const frame = readFrame(built.frames[0] ?? []);
    expect(frame.rows).toBe(1500);
    expect(new Set(frame.fields[0]?.values)).toEqual(new Set([values[7], values[1999]]));
  });

  it('are rejected if their views refer to more bytes than a file may have', async () => {
    const [schema, dictionary, batch] = words(type, ['x'.repeat(1_000_000)], new Array<number>(1000).fill(0));
    const messages = [schema, dictionary, batch, batch, batch].flatMap((message) => message ?? []);
    expect((await build(messages.slice(0, 4))).bytes).toBeLessThan(3_000_000);
    await expect(build(messages)).rejects.toMatchObject({ code: 'result_too_large' });
  });

  it('must arrive before the batch that uses them', async () => {
    const [schema, , batch] = words(type, ['a'], [0]);
    await expect(build([schema, batch].flatMap((message) => message ?? []))).rejects.toMatchObject({
      code: 'result_malformed',
    });
  });

  it('are rejected with an index outside of the dictionary', async () => {
    await expect(build(words(type, ['a'], [0, 5]))).rejects.toMatchObject({ code: 'result_malformed' });
  });
});
