import { framed, MessageAssembler } from './message-assembler';
import { type ReceivedBytes } from './received-bytes';

/** Messages of all lengths around what fits into a chunk. */
const MESSAGES = [0, 1, 4, 5, 6, 40, 63, 64, 65, 1000].map((length) => Buffer.alloc(length, length % 251));

function received(wire: Buffer, size: number): ReceivedBytes[] {
  const messages: ReceivedBytes[] = [];
  const assembler = new MessageAssembler((message) => messages.push(message));
  for (let at = 0; at < wire.length; at += size) {
    assembler.push(wire.subarray(at, at + size));
  }
  return messages;
}

it.each([1, 2, 3, 5, 7, 64, 10_000])('puts messages together from chunks of %i bytes', (size) => {
  const wire = Buffer.concat(MESSAGES.map(framed));
  const received: Buffer[] = [];
  const assembler = new MessageAssembler((message) => received.push(Buffer.concat(message.pieces)));
  for (let at = 0; at < wire.length; at += size) {
    assembler.push(wire.subarray(at, at + size));
  }
  expect(received).toEqual(MESSAGES);
  expect(assembler.isPartial).toBe(false);
});

it.each([100_000, 4000])('copies nothing that comes in chunks of %i bytes', (size) => {
  const wire = framed(Buffer.alloc(12_000, 1));
  const [message] = received(wire, size);
  expect(message).toHaveLength(12_000);
  expect(message?.pieces.filter(({ length }) => length >= 2048).every(({ buffer }) => buffer === wire.buffer)).toBe(
    true
  );
  expect(message?.pieces).toHaveLength(size > wire.length ? 1 : 4);
});

it.each([1, 100, 2047])('keeps few pieces of what comes in chunks of %i bytes', (size) => {
  const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  const wire = Buffer.concat([framed(content), framed(content)]);
  const messages = received(wire, size);
  expect(messages.map((message) => Buffer.compare(Buffer.concat(message.pieces), content))).toEqual([0, 0]);
  expect(messages.map(({ pieces }) => pieces.length <= 10)).toEqual([true, true]);
});

it('keeps the order of long and short chunks', () => {
  const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  const wire = framed(content);
  const messages: ReceivedBytes[] = [];
  const assembler = new MessageAssembler((message) => messages.push(message));
  for (let at = 0, turn = 0; at < wire.length; turn++) {
    const size = [7, 3000, 1500, 1500, 20_000][turn % 5] ?? 1;
    assembler.push(wire.subarray(at, at + size));
    at += size;
  }
  expect(Buffer.compare(Buffer.concat(messages[0]?.pieces ?? []), content)).toBe(0);
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
