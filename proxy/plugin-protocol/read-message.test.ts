import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { GrpcStatus } from './grpc-status';
import { readMessage } from './read-message';

function frame(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const text = Buffer.from('hello, plugin');

it('joins a message that comes in many chunks', async () => {
  const bytes = Array.from(frame(text), (byte) => Buffer.of(byte));
  const message = await readMessage(Readable.from(bytes), { encoding: undefined });
  expect(Buffer.from(message).toString()).toBe('hello, plugin');
});

it('reads a message without content', async () => {
  expect(await readMessage(Readable.from([frame(Buffer.alloc(0))]), { encoding: 'identity' })).toHaveLength(0);
});

interface Case {
  name: string;
  chunks: Buffer[];
  encoding?: string;
  status: number;
}
const cases: Case[] = [
  { name: 'too long', chunks: [frame(Buffer.alloc(2000))], status: GrpcStatus.RESOURCE_EXHAUSTED },
  {
    name: 'too long once decompressed',
    chunks: [frame(gzipSync(Buffer.alloc(2000)), 1)],
    encoding: 'gzip',
    status: GrpcStatus.RESOURCE_EXHAUSTED,
  },
  { name: 'compressed without saying how', chunks: [frame(text, 1)], status: GrpcStatus.UNIMPLEMENTED },
  { name: 'shorter than announced', chunks: [frame(text, 0, 100)], status: GrpcStatus.INTERNAL },
  { name: 'two messages', chunks: [frame(text), frame(text)], status: GrpcStatus.INTERNAL },
  { name: 'no message', chunks: [], status: GrpcStatus.INTERNAL },
];

it.each(cases)('refuses a request that is $name', async ({ chunks, encoding, status }) => {
  await expect(readMessage(Readable.from(chunks), { encoding, maxBytes: 1000 })).rejects.toMatchObject({ status });
});
