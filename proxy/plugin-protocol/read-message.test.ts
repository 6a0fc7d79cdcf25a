import { gzipSync } from 'node:zlib';
import { Status } from '../grpc/status';
import { RequestBody } from './read-message';

function frame(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const text = Buffer.from('hello, plugin');

it('joins a message that comes in many chunks', async () => {
  const body = new RequestBody();
  const message = body.message(undefined);
  const chunk = Buffer.alloc(1);
  for (const byte of frame(text)) {
    // A connection reads into the same memory again and again.
    chunk[0] = byte;
    body.push(chunk);
  }
  body.end();
  expect(Buffer.from(await message).toString()).toBe('hello, plugin');
});

it('reads a message without content', async () => {
  const body = new RequestBody();
  body.push(frame(Buffer.alloc(0)));
  body.end();
  expect(await body.message('identity')).toHaveLength(0);
});

it('fails when the caller leaves in the middle', async () => {
  const body = new RequestBody();
  body.push(frame(text).subarray(0, 8));
  body.cut();
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
    name: 'too long once decompressed',
    chunks: [frame(gzipSync(Buffer.alloc(2000)), 1)],
    encoding: 'gzip',
    status: Status.RESOURCE_EXHAUSTED,
  },
  { name: 'compressed without saying how', chunks: [frame(text, 1)], status: Status.UNIMPLEMENTED },
  { name: 'shorter than announced', chunks: [frame(text, 0, 100)], status: Status.INTERNAL },
  { name: 'two messages', chunks: [frame(text), frame(text)], status: Status.INTERNAL },
  { name: 'no message', chunks: [], status: Status.INTERNAL },
];

it.each(cases)('refuses a request that is $name', async ({ chunks, encoding, status }) => {
  const body = new RequestBody(1000);
  chunks.forEach((chunk) => body.push(chunk));
  body.end();
  await expect(body.message(encoding)).rejects.toMatchObject({ status });
});
