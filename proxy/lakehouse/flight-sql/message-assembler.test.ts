import { MemoryBudget } from '../../observe/memory/memory-budget';
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { framed } from '../../base/grpc';
import { MessageAssembler, MessageTooLongError } from './message-assembler';

/** Messages with lengths below, at and above the size of a chunk. */
const MESSAGES = [0, 1, 4, 5, 6, 40, 63, 64, 65, 1000].map((length) => Buffer.alloc(length, length % 251));

/** Pushes chunks whose buffer is reused immediately, like the buffer of a connection. */
function received(wire: Buffer, size: number): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const assembler = new MessageAssembler((message) => messages.push(message), unlimitedAccount());
  const chunk = Buffer.alloc(size);
  for (let at = 0; at < wire.length; at += size) {
    void assembler.push(chunk.subarray(0, wire.copy(chunk, 0, at)));
    chunk.fill(0xff);
  }
  expect(assembler.isPartial).toBe(false);
  return messages;
}

it.each([1, 2, 3, 5, 7, 64, 10_000])('assembles messages from chunks of %i bytes', (size) => {
  expect(received(Buffer.concat(MESSAGES.map(framed)), size).map((message) => Buffer.from(message))).toEqual(MESSAGES);
});

it.each([8, 4000, 10_001])('aligns the end of a message of %i bytes', (length) => {
  const [message] = received(framed(Buffer.alloc(length)), 1000);
  expect(((message?.byteOffset ?? 1) + length) % 8).toBe(0);
});

it('assembles a message that is longer than its first buffer', () => {
  const content = Buffer.alloc(40_000_000, 'abcdefg');
  const [message] = received(framed(content), 1_000_000);
  expect(Buffer.compare(message ?? Buffer.alloc(0), content)).toBe(0);
});

it('takes at most 16 MiB for a message if its announced bytes do not arrive', () => {
  const before = process.memoryUsage().arrayBuffers;
  const assemblers = Array.from({ length: 20 }, () => new MessageAssembler(() => undefined, unlimitedAccount()));
  assemblers.forEach((assembler) => void assembler.push(Buffer.of(0, 0x10, 0, 0, 0)));
  expect(assemblers.every(({ isPartial }) => isPartial)).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(400_000_000);
});

it('frees the smaller buffer of a message that grows', () => {
  const memory = accountOf(100_000_000);
  const messages: Uint8Array[] = [];
  const assembler = new MessageAssembler((message) => messages.push(message), memory);
  void assembler.push(Buffer.concat([framed(Buffer.alloc(40_000, 7)), framed(Buffer.alloc(17_000_000, 8))]));
  expect(messages.map((message) => [message.length, message[0], message.at(-1)])).toEqual([
    [40_000, 7, 7],
    [17_000_000, 8, 8],
  ]);
  memory.settle();
  expect(memory.heldBytes).toBeGreaterThanOrEqual(17_040_000);
  expect(memory.heldBytes).toBeLessThan(17_100_000);
});

it('rejects a message that is longer than the limit of the query, and takes no memory for it', () => {
  const memory = accountOf(1000);
  const assembler = new MessageAssembler(() => undefined, memory);
  expect(() => assembler.push(framed(Buffer.alloc(1001)).subarray(0, 5))).toThrow(new MessageTooLongError(1001));
  expect(memory.heldBytes).toBe(0);
});

it('keeps the bytes that arrive while a large message waits for memory', async () => {
  const budget = new MemoryBudget({ totalBytes: 20_000_000 });
  const [holder, query] = [budget.open(), budget.open()];
  holder.note(18_000_000);
  holder.end([new Uint8Array(18_000_000)]);
  const messages: Uint8Array[] = [];
  const assembler = new MessageAssembler((message) => messages.push(message), query);
  const wire = Buffer.concat([framed(Buffer.alloc(3_000_000, 5)), framed(Buffer.of(6))]);
  const room = assembler.push(wire.subarray(0, 1_000_000));
  expect(room).toBeDefined();
  expect(assembler.push(wire.subarray(1_000_000))).toBeUndefined();
  expect([messages.length, assembler.isWaiting]).toEqual([0, true]);
  holder.close();
  await room;
  expect(assembler.resume()).toBeUndefined();
  expect(messages.map((message) => [message.length, message[0], message.at(-1)])).toEqual([
    [3_000_000, 5, 5],
    [1, 6, 6],
  ]);
});

it('reports an incomplete message', () => {
  const assembler = new MessageAssembler(() => undefined, unlimitedAccount());
  void assembler.push(framed(Buffer.alloc(10)).subarray(0, 3));
  expect(assembler.isPartial).toBe(true);
  void assembler.push(Buffer.alloc(4));
  expect(assembler.isPartial).toBe(true);
});

it('rejects a compressed message', () => {
  expect(() => new MessageAssembler(() => undefined, unlimitedAccount()).push(Buffer.of(1, 0, 0, 0, 0))).toThrow(
    /compresses/
  );
});
