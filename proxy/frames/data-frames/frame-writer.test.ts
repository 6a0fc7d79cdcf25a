import { growth } from '../../../tests/support/growth';
import { type PlainColumn } from '../arrow-ipc';
import { addInSteps, type FrameWriter } from './frame-writer';

const ROW_BYTES = 1024;

/** Strings whose offsets have an unaligned address, as in most received messages. */
function unalignedStrings(length: number): PlainColumn {
  const offsets = new Uint8Array((length + 1) * 4 + 1).subarray(1);
  new Uint8Array(Int32Array.from({ length: length + 1 }, (_, row) => row * ROW_BYTES).buffer).forEach(
    (byte, index) => (offsets[index] = byte)
  );
  return { kind: 'utf8', length, nullCount: 0, validity: null, offsets, values: new Uint8Array(length * ROW_BYTES) };
}

it('divides rows into steps in linear time', async () => {
  const writer: FrameWriter = { stringBytes: 0, add: () => undefined, addRange: () => undefined, finish: () => [] };
  const addAll = (column: PlainColumn) => {
    // Each run gets a new object, because `stringOffsets` caches its result per object.
    for (const _ of addInSteps(writer, column.length, [{ ...column }])) {
      // The steps are not interrupted.
    }
  };
  expect(await growth(addAll, unalignedStrings, 16_384)).toBeLessThan(8);
});
