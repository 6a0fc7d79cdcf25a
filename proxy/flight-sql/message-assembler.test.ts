import { framed, MessageAssembler } from './message-assembler';

/** Messages of all lengths around what fits into a chunk. */
const MESSAGES = [0, 1, 4, 5, 6, 40, 63, 64, 65, 1000].map((length) => Buffer.alloc(length, length % 251));

it.each([1, 2, 3, 5, 7, 64, 10_000])('puts messages together from chunks of %i bytes', (size) => {
  const wire = Buffer.concat(MESSAGES.map(framed));
  const received: Buffer[] = [];
  const assembler = new MessageAssembler((message) => received.push(Buffer.from(message)));
  for (let at = 0; at < wire.length; at += size) {
    assembler.push(wire.subarray(at, at + size));
  }
  expect(received).toEqual(MESSAGES);
  expect(assembler.isPartial).toBe(false);
});

it('does not copy what lies in one chunk', () => {
  const wire = framed(Buffer.from('hello'));
  const received: Uint8Array[] = [];
  new MessageAssembler((message) => received.push(message)).push(wire);
  expect(received[0]?.buffer).toBe(wire.buffer);
});

it('lays what it copies so that the named part can be read in place', () => {
  const wire = framed(Buffer.alloc(100, 1));
  const received: Uint8Array[] = [];
  const assembler = new MessageAssembler(
    (message) => received.push(message),
    () => 13
  );
  assembler.push(wire.subarray(0, 40));
  assembler.push(wire.subarray(40));
  expect(received[0]).toHaveLength(100);
  expect(((received[0]?.byteOffset ?? 0) + 13) % 8).toBe(0);
});

it('tells that a message is not there as a whole', () => {
  const assembler = new MessageAssembler(() => undefined);
  assembler.push(framed(Buffer.alloc(10)).subarray(0, 3));
  expect(assembler.isPartial).toBe(true);
  assembler.push(Buffer.alloc(4));
  expect(assembler.isPartial).toBe(true);
});

it('refuses a compressed message', () => {
  expect(() => new MessageAssembler(() => undefined).push(Buffer.of(1, 0, 0, 0, 0))).toThrow(/compresses/);
});
