import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { fastPairHash, PairIndex } from './pair-index';

const memory = unlimitedAccount();

/** Pairs whose fast hashes have the same low bits, which select the slot. */
function collidingPairs(count: number, bits: number): Array<[number, number]> {
  const pairs: Array<[number, number]> = [];
  for (let number = 0; pairs.length < count; number++) {
    if ((fastPairHash(number >> 12, number) & (2 ** bits - 1)) === 0) {
      pairs.push([number >> 12, number]);
    }
  }
  return pairs;
}

it('assigns numbers to pairs in the order of their first appearance', () => {
  const index = new PairIndex(memory);
  const pairs = [
    [5, -1],
    [-1, 5],
    [5, -1],
    [0, 0],
  ];
  expect(pairs.map(([first, second]) => index.add(first, second))).toEqual([0, 1, 0, 2]);
  expect([index.first(1), index.second(1)]).toEqual([-1, 5]);
});

it('switches to a keyed hash and keeps the numbers when pairs collide', () => {
  const pairs = collidingPairs(2000, 12);
  const index = new PairIndex(memory);
  const numbers = pairs.map((_, number) => number);
  expect(pairs.map(([first, second]) => index.add(first, second))).toEqual(numbers);
  expect(index.isKeyed).toBe(true);
  expect(pairs.map(([first, second]) => index.add(first, second))).toEqual(numbers);
  expect(index.size).toBe(2000);
});

const ordinary: Array<[name: string, pair: (number: number) => [number, number]]> = [
  ['timestamps one second apart', (number) => halves(1_700_000_000_000_000_000n + BigInt(number) * 1_000_000_000n)],
  ['timestamps one nanosecond apart', (number) => halves(1_700_000_000_000_000_000n + BigInt(number))],
  ['timestamps one hour apart', (number) => halves(BigInt(number) * 3_600_000_000_000n)],
  ['codes of two columns', (number) => [number % 500, Math.floor(number / 500)]],
  ['codes of one column', (number) => [0, number]],
];

it.each(ordinary)('keeps the fast hash for 200,000 %s', (_name, pair) => {
  const index = new PairIndex(memory);
  for (let number = 0; number < 200_000; number++) {
    index.add(...pair(number));
  }
  expect(index.size).toBe(200_000);
  expect(index.isKeyed).toBe(false);
});

function halves(nanoseconds: bigint): [high: number, low: number] {
  return [Number(BigInt.asIntN(32, nanoseconds >> 32n)), Number(BigInt.asIntN(32, nanoseconds))];
}
