import { ALL_TESTS } from '../../../tests/support/all-tests';
import { withinMemory } from './result-errors';

describe('withinMemory', () => {
  it.each<[name: string, step: () => unknown]>([
    ['a typed array', () => new Uint8Array(2 ** 60)],
    ['the memory of a typed array', () => new Float64Array(2 ** 44)],
    ['an ArrayBuffer', () => new ArrayBuffer(2 ** 60)],
    ['a Buffer', () => Buffer.allocUnsafe(2 ** 45)],
    ['a Buffer above the maximum', () => Buffer.allocUnsafe(2 ** 53)],
    ['an array', () => new Array(2 ** 40)],
    ['a string', () => 'ab'.repeat(2 ** 30)],
  ])('throws result_too_large for %s that cannot be allocated', (_name, step) => {
    expect(() => withinMemory(step)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  });

  // These take 0.5 GB of memory and some seconds.
  (ALL_TESTS ? it : it.skip).each<[name: string, step: () => unknown]>([
    [
      'a Map',
      () => {
        const map = new Map<number, number>();
        for (let key = 0; ; key++) {
          map.set(key, 0);
        }
      },
    ],
    [
      'a Set',
      () => {
        const set = new Set<number>();
        for (let key = 0; ; key++) {
          set.add(key);
        }
      },
    ],
  ])('throws result_too_large for %s with too many entries', (_name, step) => {
    expect(() => withinMemory(step)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  });

  it.each<[name: string, step: () => unknown]>([
    ['a read beyond a view', () => new DataView(new ArrayBuffer(4)).getInt32(1)],
    ['a read beyond a Buffer', () => Buffer.alloc(4).readInt32LE(1)],
    ['a write beyond an array', () => new Uint8Array(4).set(new Uint8Array(5))],
    ['an unaligned array', () => new Int32Array(new ArrayBuffer(8), 1)],
  ])('does not change the error of %s', (_name, step) => {
    expect(() => withinMemory(step)).toThrow(expect.objectContaining({ name: 'RangeError' }));
  });
});
