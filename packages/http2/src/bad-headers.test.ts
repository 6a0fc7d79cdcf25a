/** Headers of a client that violate the protocol, and the reaction of a server. Numbers are sections of RFC 9113. */
import { endLoopback } from './testing/loopback.ts';
import { encodeHeaders } from './hpack/encode-headers.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { withIndexing } from './hpack/testing/block-writer.ts';
import { Http2ErrorCode, FrameType, PREFACE } from './protocol.ts';
import { expectServerReaction, type Violation } from './testing/violations.ts';
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  PADDED,
  ping,
  post,
  reset,
  settings,
  WITH_PRIORITY,
} from './testing/raw-peer.ts';

afterEach(endLoopback);

const { PROTOCOL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR } = Http2ErrorCode;
const { COMPRESSION_ERROR, ENHANCE_YOUR_CALM } = Http2ErrorCode;

const block = encodeHeaders(post());
const open = headers(1, post());
const whole = headers(1, post(), END_HEADERS | END_STREAM);
const responded = headers(1, post('/responded'), END_HEADERS | END_STREAM);

function continued(count: number, bytes: number): Uint8Array[] {
  const part = frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(bytes));
  return [headers(1, post(), 0), ...Array.from({ length: count }, () => part)];
}

const withoutPath = post().filter(([name]) => name !== ':path');

const malformedRequests: Array<[name: string, fields: HeaderField[]]> = [
  ['without a path', withoutPath],
  ['with an empty path', [...withoutPath, [':path', '']]],
  ['with two paths', post('/', [':path', '/b'])],
  ['with a pseudo-header of responses', post('/', [':status', '200'])],
  ['with a pseudo-header after a regular field', [['x-a', 'b'], ...post()]],
  ['with an upper-case name', post('/', ['X-A', 'b'])],
  ['with an empty name', post('/', ['', 'b'])],
  ['with a connection-specific field', post('/', ['connection', 'close'])],
  ['with a "te" other than trailers', post('/', ['te', 'gzip'])],
  ['without a body, but with a content-length', post('/', ['content-length', '5'])],
  ['with a content-length that is not a number', post('/', ['content-length', '1e0'])],
];

/** A request that ends with `last`, a field that `encodeHeaders` would reject. */
const requestWith = (fields: HeaderField[], last: HeaderField) => {
  const fragment = Buffer.concat([encodeHeaders(fields), Buffer.from(withIndexing(last))]);
  return frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, fragment);
};

const cases: Violation[] = [
  { name: 'HEADERS on stream 0 (6.2)', frames: [headers(0, post())], expected: { goAway: PROTOCOL_ERROR } },
  {
    name: 'HEADERS with an even stream identifier (5.1.1)',
    frames: [headers(2, post())],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'a request with a skipped stream identifier (5.1.1)',
    frames: [headers(5, post()), headers(3, post())],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'DATA with a skipped stream identifier',
    frames: [headers(5, post()), data(3, 'a')],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'more padding than payload (6.2)',
    frames: [frame(FrameType.HEADERS, END_HEADERS | PADDED, 1, Buffer.concat([Buffer.of(200), block]))],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'the flag PADDED without a padding length (6.2)',
    frames: [frame(FrameType.HEADERS, END_HEADERS | PADDED, 1)],
    expected: { goAway: FRAME_SIZE_ERROR },
  },
  {
    name: 'a truncated priority (6.2)',
    frames: [frame(FrameType.HEADERS, END_HEADERS | WITH_PRIORITY, 1, 'abc')],
    expected: { goAway: FRAME_SIZE_ERROR },
  },
  {
    name: 'a malformed header block (4.3)',
    frames: [frame(FrameType.HEADERS, END_HEADERS, 1, Buffer.of(0xff, 0xff))],
    expected: { goAway: COMPRESSION_ERROR },
  },
  {
    name: 'a malformed header block on a closed stream (4.3)',
    frames: [open, reset(1, 8), frame(FrameType.HEADERS, END_HEADERS, 1, Buffer.of(0x80))],
    expected: { goAway: COMPRESSION_ERROR },
  },
  {
    name: 'PING inside of a header block (6.10)',
    frames: [headers(1, post(), 0), ping()],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'DATA inside of a header block (6.10)',
    frames: [headers(1, post(), 0), data(1, 'a')],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'an unknown frame inside of a header block (5.5)',
    frames: [headers(1, post(), 0), frame(99, 0, 0)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'HEADERS inside of a header block (6.10)',
    frames: [headers(1, post(), 0), headers(3, post())],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'CONTINUATION on another stream (6.10)',
    frames: [headers(1, post(), 0), frame(FrameType.CONTINUATION, END_HEADERS, 3)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'CONTINUATION after a complete header block (6.10)',
    frames: [open, frame(FrameType.CONTINUATION, END_HEADERS, 1)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  { name: 'a header block of too many frames', frames: continued(200, 0), expected: { goAway: ENHANCE_YOUR_CALM } },
  { name: 'a header block of too many bytes', frames: continued(20, 16_384), expected: { goAway: ENHANCE_YOUR_CALM } },
  {
    name: 'a header list above the limit (10.5.1)',
    frames: [
      headers(
        1,
        Array.from({ length: 4000 }, (): HeaderField => [':method', 'GET'])
      ),
    ],
    expected: { reset: ENHANCE_YOUR_CALM },
  },
  ...malformedRequests.map(([name, fields]) => ({
    name: `a request ${name} (8.1.1)`,
    frames: [headers(1, fields, END_HEADERS | END_STREAM)],
    expected: { reset: PROTOCOL_ERROR },
  })),
  {
    name: 'a request with a line break in a value (8.2.1)',
    frames: [requestWith(post(), ['x-a', 'b\nc'])],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'a request with NUL in a value (8.2.1)',
    frames: [requestWith(post(), ['x-a', 'b\0c'])],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'a request with a line break in its path (8.3.1)',
    frames: [requestWith(withoutPath, [':path', '/\r\nx: y'])],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'trailers without END_STREAM (8.1)',
    frames: [open, headers(1, [['x-a', 'b']])],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'trailers with pseudo-headers (8.1)',
    frames: [open, headers(1, post(), END_HEADERS | END_STREAM)],
    expected: { reset: PROTOCOL_ERROR },
  },
  { name: 'HEADERS after END_STREAM (5.1)', frames: [whole, open], expected: { reset: STREAM_CLOSED } },
  { name: 'HEADERS after both sides have ended (5.1)', frames: [responded, open], expected: { goAway: STREAM_CLOSED } },
  { name: 'HEADERS after RST_STREAM (5.1)', frames: [open, reset(1, 8), open], expected: { reset: STREAM_CLOSED } },
].map(({ frames, ...rest }) => ({ ...rest, frames: [PREFACE, settings(), ...frames] }));

describe('the reaction of a server to', () => {
  it.each(cases)('$name', expectServerReaction);
});
