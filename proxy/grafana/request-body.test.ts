import { MemoryBudget } from '../observe/memory/memory-budget';
import { accountOf } from '../observe/memory/testing/accounts';
import { gzipSync } from 'node:zlib';
import { Status } from '../base/grpc';
import { RequestBody } from './request-body';

function frame(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

/** Memory for requests, which may use an eighth of the budget. */
const requestMemory = (totalBytes = 2 ** 30) => new MemoryBudget({ totalBytes }).openRequest();

const bytes = Buffer.from('hello, plugin');

it('joins a message that arrives in many chunks', async () => {
  const body = new RequestBody(requestMemory());
  const message = body.message(undefined);
  const chunk = Buffer.alloc(1);
  for (const byte of frame(bytes)) {
    // One buffer for all chunks, because a connection reuses its read buffer.
    chunk[0] = byte;
    body.push(chunk);
  }
  body.end();
  expect(Buffer.from(await message).toString()).toBe('hello, plugin');
});

it('reads a message without content', async () => {
  const body = new RequestBody(requestMemory());
  body.push(frame(Buffer.alloc(0)));
  body.end();
  expect(await body.message('identity')).toHaveLength(0);
});

it('fails if the caller leaves before the end of the request', async () => {
  const body = new RequestBody(requestMemory());
  body.push(frame(bytes).subarray(0, 8));
  body.close();
  await expect(body.message(undefined)).rejects.toMatchObject({ status: Status.CANCELLED });
});

interface Case {
  name: string;
  chunks: Buffer[];
  encoding?: string;
  status: number;
}
const cases: Case[] = [
  { name: 'too long', chunks: [frame(Buffer.alloc(2000))], status: Status.RESOURCE_EXHAUSTED },
  {
    name: 'too long after decompression',
    chunks: [frame(gzipSync(Buffer.alloc(2000)), 1)],
    encoding: 'gzip',
    status: Status.RESOURCE_EXHAUSTED,
  },
  { name: 'compressed without a grpc-encoding header', chunks: [frame(bytes, 1)], status: Status.UNIMPLEMENTED },
  { name: 'shorter than announced', chunks: [frame(bytes, 0, 100)], status: Status.INTERNAL },
  { name: 'two messages', chunks: [frame(bytes), frame(bytes)], status: Status.INTERNAL },
  { name: 'no message', chunks: [], status: Status.INTERNAL },
];

it.each(cases)('rejects a request: $name', async ({ chunks, encoding, status }) => {
  const body = new RequestBody(accountOf(1000));
  chunks.forEach((chunk) => body.push(chunk));
  body.end();
  await expect(body.message(encoding)).rejects.toMatchObject({ status });
});

describe('requests at the memory limit', () => {
  const KIB = 1024;

  it('are rejected until other requests end', async () => {
    const budget = new MemoryBudget({ totalBytes: 800 * KIB });
    const [first, second, third] = [1, 2, 3].map(() => budget.openRequest());
    const begun = new RequestBody(first);
    begun.push(frame(Buffer.alloc(70 * KIB)).subarray(0, 60 * KIB));
    const rejected = new RequestBody(second);
    rejected.push(frame(Buffer.alloc(50 * KIB)));
    rejected.end();
    await expect(rejected.message(undefined)).rejects.toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
    expect(budget.heldBytes).toBeLessThan(100 * KIB);
    begun.close();
    first.close();
    second.close();
    const taken = new RequestBody(third);
    taken.push(frame(Buffer.alloc(50 * KIB)));
    taken.end();
    expect(await taken.message(undefined)).toHaveLength(50 * KIB);
    third.close();
    expect(budget.heldBytes).toBe(0);
  });

  it('take memory for their decompressed bytes, not for their announced length', async () => {
    const budget = new MemoryBudget({ totalBytes: 800 * KIB });
    const bomb = new RequestBody(budget.openRequest());
    bomb.push(frame(gzipSync(Buffer.alloc(8 * KIB * KIB)), 1));
    bomb.end();
    await expect(bomb.message('gzip')).rejects.toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
    expect(budget.heldBytes).toBeLessThan(100 * KIB);
    const announced = new RequestBody(budget.openRequest());
    announced.push(frame(Buffer.alloc(1), 0, 2 ** 31));
    expect(budget.heldBytes).toBeLessThan(100 * KIB + 4096);
  });
});

it('fails a request that does not arrive in time', async () => {
  jest.useFakeTimers();
  try {
    const memory = requestMemory();
    const body = new RequestBody(memory, 1000);
    body.push(frame(bytes).subarray(0, 8));
    const outcome = expect(body.message(undefined)).rejects.toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    jest.advanceTimersByTime(999);
    expect(memory.heldBytes).toBeGreaterThan(0);
    jest.advanceTimersByTime(1);
    await outcome;
    expect(memory.heldBytes).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});
