import { fromBinary } from '@bufbuild/protobuf';
import {
  DataFrameFormat,
  QueryChunkedDataResponseSchema,
  QueryDataResponseSchema,
} from '../generated/pluginv2/backend_pb';
import { type DataChunk, type DataResponse } from '../query/plugin-request';
import { encodeDataChunk, encodeQueryData } from './encode-responses';
import { byteLength } from './write-message';

/** Decodes the response with generated code. */
function decode(responses: Record<string, DataResponse>, maxBytes?: number) {
  const pieces = encodeQueryData(new Map(Object.entries(responses)), maxBytes);
  return fromBinary(QueryDataResponseSchema, Buffer.concat(pieces)).responses;
}

const good = (...frames: Uint8Array[][]): DataResponse => ({ frames, status: 200 });

it('encodes responses', () => {
  const responses = decode({
    A: good([Uint8Array.of(1, 2), Uint8Array.of(3)], [Uint8Array.of(4)]),
    B: { frames: [[Uint8Array.of(9)]], error: 'no such tâble', errorSource: 'downstream', status: 400 },
    '': good(),
  });
  expect(responses.A).toMatchObject({ status: 200, error: '', errorSource: '', format: DataFrameFormat.ARROW });
  expect(responses.A.frames.map((frame) => Array.from(frame))).toEqual([[1, 2, 3], [4]]);
  expect(responses.B).toMatchObject({ status: 400, error: 'no such tâble', errorSource: 'downstream' });
  expect(responses.B.frames).toHaveLength(1);
  expect(responses[''].frames).toEqual([]);
});

it('marks JSON frames', () => {
  const frame = [Buffer.from('{"schema":{}}')];
  expect(decode({ A: { ...good(frame), encoding: 'json' } }).A).toMatchObject({
    format: DataFrameFormat.JSON,
    status: 200,
  });
});

describe('a chunk', () => {
  const decodeChunk = (chunk: DataChunk) =>
    fromBinary(QueryChunkedDataResponseSchema, Buffer.concat(encodeDataChunk(chunk)));

  it('is encoded with its frame', () => {
    const chunk = decodeChunk({
      refId: 'B',
      frameId: 'rows',
      frame: [Uint8Array.of(1), Uint8Array.of(2)],
      status: 200,
    });
    expect(chunk).toMatchObject({ refId: 'B', frameId: 'rows', status: 200, error: '', format: DataFrameFormat.ARROW });
    expect(Array.from(chunk.frame)).toEqual([1, 2]);
  });

  it('may contain an error and no frame', () => {
    const failure = { error: 'no', errorSource: 'downstream', status: 503, encoding: 'json' } as const;
    expect(decodeChunk({ refId: 'A', frameId: 'error', frame: [], ...failure })).toMatchObject({
      error: 'no',
      errorSource: 'downstream',
      status: 503,
      format: DataFrameFormat.JSON,
      frame: new Uint8Array(),
    });
  });
});

it('writes the length of a frame as a varint of one to four bytes', () => {
  for (const size of [0, 127, 128, 16_383, 16_384, 2_097_152]) {
    expect(decode({ A: good([new Uint8Array(size)]) }).A.frames[0].length).toBe(size);
  }
});

it('passes frames on without copying them', () => {
  const piece = new Uint8Array(1000);
  expect(encodeQueryData(new Map([['A', good([piece])]]))).toContain(piece);
});

it.each([
  ['a good response without a status', good(), 200, 0],
  ['a failed response without a status', { frames: [], error: 'x' }, 500, 0],
  ['a good response with an impossible status', good(), 200, 700],
])('sends a valid status for %s', (_name, response, expected, status) => {
  expect(decode({ A: { ...response, status } }).A.status).toBe(expected);
});

it('attributes an error without an error source to the plugin', () => {
  expect(decode({ A: { frames: [], error: 'x', status: 500 } }).A.errorSource).toBe('plugin');
});

it('replaces the largest response by an error if gRPC cannot carry the message', () => {
  const responses = decode({ A: good([new Uint8Array(500)]), B: good([new Uint8Array(5000)]) }, 2000);
  expect(responses.A.frames[0].length).toBe(500);
  expect(responses.B).toMatchObject({ frames: [], status: 413, errorSource: 'downstream' });
  expect(responses.B.error).toContain('too large');
});

// Each response repeats one buffer of 64 MiB, which is not copied: 2.5 GiB in the first response.
it('replaces a response by an error only if it is longer than 2 GiB', () => {
  const piece = new Uint8Array(64 * 1024 * 1024);
  const huge = good(Array.from({ length: 40 }, () => piece));
  expect(decode({ A: huge }).A.status).toBe(413);
  const fits = encodeQueryData(new Map([['A', good(Array.from({ length: 31 }, () => piece))]]));
  expect(byteLength(fits)).toBeGreaterThan(31 * piece.length);
});
