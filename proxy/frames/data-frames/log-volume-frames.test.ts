import { growth } from '../../../tests/support/growth';
import { type IpcMessage } from '../arrow-ipc';
import { batchMessageOf, field, int32s, schemaMessageOf } from '../arrow-ipc/testing/write-ipc';
import { build, readFrame } from './testing/arrow-messages';

const SCHEMA = schemaMessageOf([
  field('time', { kind: 'timestamp', unit: 'nanosecond', timezone: undefined }),
  field('level', { kind: 'int', bits: 32, signed: true }),
  field('count', { kind: 'int', bits: 64, signed: true }),
]);

const int64s = (numbers: readonly bigint[]) => new Uint8Array(BigInt64Array.from(numbers).buffer);

function messagesOf(rows: ReadonlyArray<readonly [time: bigint, level: number, count: bigint]>): IpcMessage[] {
  const node = [rows.length, 0] as const;
  const columns = [
    int64s(rows.map(([time]) => time)),
    int32s(...rows.map(([, level]) => level)),
    int64s(rows.map(([, , count]) => count)),
  ];
  const buffers = columns.flatMap((values) => [new Uint8Array(0), values]);
  return [SCHEMA, batchMessageOf({ length: rows.length, nodes: [node, node, node], buffers })];
}

const volume = (messages: Iterable<IpcMessage>) => build(messages, { format: 'log-volume' });

it('adds up the lines of each bin and level, in the order of time', async () => {
  const at = 1_700_000_000_000_000_000n;
  const built = await volume(
    messagesOf([
      [at + 1n, 2, 5n],
      [at, 2, 1n],
      [-1n, 2, 7n],
      [at, 4, 2n],
      [at, 2, 3n],
    ])
  );
  const frames = built.frames.map((frame) => readFrame(frame).fields);
  expect(frames.map(([, { labels }]) => labels)).toEqual([{ level: 'error' }, { level: 'info' }]);
  expect(frames.map((fields) => fields.map(({ values }) => values))).toEqual([
    [
      [-1n, at, at + 1n],
      [7, 4, 5],
    ],
    [[at], [2]],
  ]);
});

it('describes the whole result in the first frame only', async () => {
  const rows = [2, 4, 6].map((level) => [0n, level, 1n] as const);
  const { frames } = await build(messagesOf(rows), {
    format: 'log-volume',
    notices: [{ severity: 'info', text: 'x' }],
  });
  const [first, ...further] = frames.map((frame) => readFrame(frame).meta);
  expect(first).toMatchObject({ executedQueryString: 'SELECT 1', notices: [{ text: 'x' }] });
  const { type, typeVersion } = first;
  expect(further).toEqual([
    { type, typeVersion },
    { type, typeVersion },
  ]);
});

const MASK = 2n ** 64n - 1n;

function inverse(odd: bigint): bigint {
  let guess = odd;
  for (let step = 0; step < 6; step++) {
    guess = (guess * (2n - odd * guess)) & MASK;
  }
  return guess;
}

/** Undoes `hash ^ (hash >> bits)`. */
function unmixed(hash: bigint, bits: bigint): bigint {
  let number = hash;
  for (let shift = bits; shift < 64n; shift += bits) {
    number ^= hash >> shift;
  }
  return number;
}

/**
 * Numbers whose hashes in V8 have the same lowest 30 bits. To find them, this function inverts the steps of V8's hash
 * of a BigInt.
 */
function collidingNumbers(length: number): bigint[] {
  const [first, second, last] = [2n ** 18n - 1n, 21n, 65n].map(inverse);
  return Array.from({ length }, (_none, index) => {
    const summed = unmixed((unmixed(BigInt(index) << 30n, 22n) * last) & MASK, 11n);
    const mixed = unmixed((summed * second) & MASK, 31n);
    return BigInt.asIntN(64, ((mixed + 1n) * first) & MASK);
  });
}

it('takes linear time for times that collide in a `Map`', async () => {
  const messagesWith = (length: number) => messagesOf(collidingNumbers(length).map((time) => [time, 2, 1n]));
  expect(await growth(volume, messagesWith, 2000)).toBeLessThan(8);
});
