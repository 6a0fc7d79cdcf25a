import { accountOf } from '../../observe/memory/testing/accounts';
import { Binary, Float64, Int32, Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type IpcMessage } from '../arrow-ipc';
import { ProxyError } from '../../base/errors/proxy-error';
import { type FrameOptions } from './frame-options';
import { streamFrames, type FramePart } from './build-frames';
import {
  build,
  columnOf,
  messagesOf,
  OPTIONS,
  readFrame,
  received,
  stream,
  timeColumn,
} from './testing/arrow-messages';

/** The messages of one schema and of one batch for each table. */
function batches(...tables: Table[]): IpcMessage[] {
  const [head, ...rest] = tables.map((table) => messagesOf(table));
  return [...(head ?? []), ...rest.flatMap((messages) => messages.slice(1))];
}

const numberTable = (values: Int32Array) => new Table({ n: columnOf(new Int32(), values) });
const numbers = (...values: number[]) => numberTable(Int32Array.from(values));
/** A batch that is larger than a part. */
const large = (first: number) => numberTable(Int32Array.from({ length: 300_000 }, (_, row) => first + row));

async function parts(messages: Iterable<IpcMessage>, options: Partial<FrameOptions> = {}): Promise<FramePart[]> {
  const all: FramePart[] = [];
  for await (const part of streamFrames(stream(messages), { ...OPTIONS, ...options })) {
    all.push(part);
  }
  return all;
}

const jsonOf = ({ pieces }: FramePart) => JSON.parse(Buffer.concat(pieces).toString());

it('sends the first rows immediately, then the other rows in parts with the same schema', async () => {
  const all = await parts(batches(numbers(1, 2), large(3), large(1e6), numbers(7)));
  expect(all.map(({ frameId, rows }) => [frameId, rows])).toEqual([
    ['rows', 2],
    ['rows', 300_000],
    ['rows', 300_000],
    ['rows', 1],
  ]);
  const frames = all.map(({ pieces }) => readFrame(pieces));
  const described = frames.map(({ fields, meta }) => [meta, fields.map(({ values: _, ...field }) => field)]);
  expect(new Set(described.map((each) => JSON.stringify(each))).size).toBe(1);
  const whole = await build(batches(numbers(1, 2), large(3), large(1e6), numbers(7)));
  // Joins the values, because comparing half a million values one by one takes seconds.
  const joined = (values: unknown[]) => values.join();
  expect(joined(frames.flatMap(({ fields }) => fields[0].values))).toBe(
    joined(whole.frames.flatMap((pieces) => readFrame(pieces).fields[0].values))
  );
});

it('declares in the first part only what is true for all rows', async () => {
  const measures = (unit: string) =>
    new Table({ value: columnOf(new Float64(), Float64Array.of(1)), unit: vectorFromArray([unit], new Utf8()) });
  const [first] = await parts(batches(measures('bytes'), measures('seconds')));
  expect(readFrame(first.pieces).fields[0].config).toBeUndefined();
  // A result with one row of numbers would be `numeric-wide`.
  const [row] = await parts(batches(numbers(1), numbers(2)));
  expect(readFrame(row.pieces).meta.type).toBe('table');
});

it('sends the schema once with JSON', async () => {
  const [first, second, ...more] = await parts(batches(numbers(1, 2), large(3)), { encoding: 'json' });
  expect(jsonOf(first)).toMatchObject({ schema: { refId: 'A', fields: [{ name: 'n' }] }, data: { values: [[1, 2]] } });
  expect(Object.keys(jsonOf(second))).toEqual(['data']);
  expect(jsonOf(second).data.values[0]).toHaveLength(300_000);
  expect(more).toEqual([]);
});

it('sends logs in parts with unique ids', async () => {
  const lines = (count: number) =>
    new Table({
      time: timeColumn(Array.from({ length: count }, () => 5n)),
      msg: vectorFromArray(new Array<string>(count).fill('the same line'), new Utf8()),
    });
  const all = await parts(batches(lines(3), lines(60_000)), { format: 'logs' });
  expect(all.map(({ rows }) => rows)).toEqual([3, 60_000]);
  const ids = all.flatMap(({ pieces }) => readFrame(pieces).fields.find(({ name }) => name === 'id')?.values ?? []);
  expect(new Set(ids).size).toBe(60_003);
});

it.each<[name: string, options: Partial<FrameOptions>]>([
  ['a time series', { format: 'time_series' }],
  ['a table whose integers may become strings', { bigIntegersAsText: true }],
])('sends %s as one part', async (_name, options) => {
  const table = (first: number) =>
    new Table({
      time: timeColumn(Array.from({ length: 100_000 }, (_, row) => BigInt(first + row))),
      n: columnOf(
        new Int64(),
        BigInt64Array.from({ length: 100_000 }, (_, row) => BigInt(row))
      ),
    });
  const all = await parts(batches(table(0), table(100_000)), options);
  expect(all.map(({ rows }) => rows)).toEqual([200_000]);
});

it('sends a binary column only after its kind is known', async () => {
  const table = (value: Uint8Array | null) => new Table({ b: vectorFromArray([value], new Binary()) });
  // JSONB of the number 1: a scalar container and its one entry.
  const jsonb = Uint8Array.from([0x20, 0, 0, 0, 0x20, 0, 0, 2, 0x40, 1]);
  const all = await parts(batches(table(null), table(jsonb), table(jsonb)));
  expect(all.map(({ rows }) => rows)).toEqual([2, 1]);
  expect(new Set(all.map(({ pieces }) => readFrame(pieces).fields[0].type)).size).toBe(1);
});

it('adds a notice at the end if big integers arrive after the first part', async () => {
  const table = (a: bigint, b: bigint) =>
    new Table({ a: columnOf(new Int64(), BigInt64Array.of(a)), b: columnOf(new Int64(), BigInt64Array.of(b)) });
  const all = await parts(batches(table(2n ** 60n, 1n), table(1n, 2n ** 60n)));
  expect(all.map(({ frameId }) => frameId)).toEqual(['rows', 'rows', 'notices']);
  expect(readFrame(all[2].pieces).meta.notices).toMatchObject([
    { text: expect.stringMatching(/^Columns "a" and "b"/) },
  ]);
});

it('adds a frame without fields for notices that arise after the first part', async () => {
  const all = await parts(batches(numbers(1, 2), numbers(3, 4)), { maxRows: 3 });
  expect(all.map(({ frameId, rows }) => [frameId, rows])).toEqual([
    ['rows', 2],
    ['rows', 1],
    ['notices', 0],
  ]);
  const notices = readFrame(all[2].pieces);
  expect(notices.fields).toEqual([]);
  expect(notices.meta.notices?.[0].text).toMatch(/first 3 rows: the row limit of the query/);
});

it('sends one frame without fields if the result has no rows', async () => {
  const all = await parts(batches(numbers()));
  expect(all).toHaveLength(1);
  expect(readFrame(all[0].pieces)).toMatchObject({ fields: [], meta: { executedQueryString: 'SELECT 1' } });
});

it('sends the first part even if the stream fails afterwards', async () => {
  const failing = async function* () {
    yield* batches(numbers(1, 2));
    throw new ProxyError('connection_lost');
  };
  const streamed = streamFrames(failing(), OPTIONS);
  expect((await streamed.next()).value?.rows).toBe(2);
  await expect(streamed.next()).rejects.toMatchObject({ code: 'connection_lost' });
});

it('holds memory only for rows that were not sent', async () => {
  const memory = accountOf(1e9);
  const held: number[] = [];
  const messages = async function* () {
    for await (const message of received(batches(large(0), large(1), large(2), large(3)), memory)) {
      yield message;
      held.push(memory.heldBytes);
    }
  };
  for await (const _ of streamFrames(messages(), { ...OPTIONS, memory })) {
    // The part was taken.
  }
  expect(Math.max(...held)).toBeLessThan(300_000 * 4 + 20_000);
  expect(memory.heldBytes).toBeLessThan(20_000);
});
