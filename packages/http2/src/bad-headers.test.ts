/** What a well-behaved client never sends as headers, and what becomes of it. The numbers are sections of RFC 9113. */
import { endLoopback } from './testing/loopback.ts';
import { encodeHeaders } from './hpack/encode-headers.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { ErrorCode, FrameType, PREFACE } from './protocol.ts';
import { post } from './testing/connections.ts';
import { expectOfServer, type Case } from './testing/complaints.ts';
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  PADDED,
  ping,
  reset,
  settings,
  WITH_PRIORITY,
} from './testing/raw-peer.ts';

afterEach(endLoopback);

const { PROTOCOL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR } = ErrorCode;
const { COMPRESSION_ERROR, ENHANCE_YOUR_CALM } = ErrorCode;

const block = encodeHeaders(post());
const open = headers(1, post());
const whole = headers(1, post(), END_HEADERS | END_STREAM);
const answered = headers(1, post('/answered'), END_HEADERS | END_STREAM);

function continued(count: number, bytes: number): Uint8Array[] {
  const part = frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(bytes));
  return [headers(1, post(), 0), ...Array.from({ length: count }, () => part)];
}

const requestsOf: Array<[name: string, fields: HeaderField[]]> = [
  ['without a path', post().filter(([name]) => name !== ':path')],
  ['with an empty path', [...post().filter(([name]) => name !== ':path'), [':path', '']]],
  ['with a path twice', post('/', [':path', '/b'])],
  ['with a line end in its path', post('/\r\nx: y')],
  ['with an unknown pseudo-header', post('/', [':status', '200'])],
  ['with a pseudo-header behind others', [['x-a', 'b'], ...post()]],
  ['with a name in capitals', post('/', ['X-A', 'b'])],
  ['with an empty name', post('/', ['', 'b'])],
  ['with a line end in a value', post('/', ['x-a', 'b\nc'])],
  ['with a field of HTTP/1.1', post('/', ['connection', 'close'])],
  ['with "te" of another kind', post('/', ['te', 'gzip'])],
  ['with a body that it says it has not', post('/', ['content-length', '5'])],
  ['with a length that is no number', post('/', ['content-length', '1e0'])],
];

const cases: Case[] = [
  { name: 'headers of the connection (6.2)', frames: [headers(0, post())], expected: { goAway: PROTOCOL_ERROR } },
  { name: 'headers on an even stream (5.1.1)', frames: [headers(2, post())], expected: { goAway: PROTOCOL_ERROR } },
  {
    name: 'a number that was skipped (5.1.1)',
    frames: [headers(5, post()), headers(3, post())],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'data on a number that was skipped',
    frames: [headers(5, post()), data(3, 'a')],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'more padding than headers (6.2)',
    frames: [frame(FrameType.HEADERS, END_HEADERS | PADDED, 1, Buffer.concat([Buffer.of(200), block]))],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'padding that is not there (6.2)',
    frames: [frame(FrameType.HEADERS, END_HEADERS | PADDED, 1)],
    expected: { goAway: FRAME_SIZE_ERROR },
  },
  {
    name: 'half a priority (6.2)',
    frames: [frame(FrameType.HEADERS, END_HEADERS | WITH_PRIORITY, 1, 'abc')],
    expected: { goAway: FRAME_SIZE_ERROR },
  },
  {
    name: 'a block that cannot be decoded (4.3)',
    frames: [frame(FrameType.HEADERS, END_HEADERS, 1, Buffer.of(0xff, 0xff))],
    expected: { goAway: COMPRESSION_ERROR },
  },
  {
    name: 'a broken block on a stream that is over (4.3)',
    frames: [open, reset(1, 8), frame(FrameType.HEADERS, END_HEADERS, 1, Buffer.of(0x80))],
    expected: { goAway: COMPRESSION_ERROR },
  },
  {
    name: 'another frame within a block (6.10)',
    frames: [headers(1, post(), 0), ping()],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'data within a block (6.10)',
    frames: [headers(1, post(), 0), data(1, 'a')],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'an unknown frame within a block (5.5)',
    frames: [headers(1, post(), 0), frame(99, 0, 0)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'another block within a block (6.10)',
    frames: [headers(1, post(), 0), headers(3, post())],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'the rest of the block of another stream (6.10)',
    frames: [headers(1, post(), 0), frame(FrameType.CONTINUATION, END_HEADERS, 3)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'the rest of no block (6.10)',
    frames: [open, frame(FrameType.CONTINUATION, END_HEADERS, 1)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  { name: 'a block in frames without end', frames: continued(200, 0), expected: { goAway: ENHANCE_YOUR_CALM } },
  { name: 'a block without end', frames: continued(20, 16_384), expected: { goAway: ENHANCE_YOUR_CALM } },
  {
    name: 'more fields than are taken (10.5.1)',
    frames: [
      headers(
        1,
        Array.from({ length: 4000 }, (): HeaderField => [':method', 'GET'])
      ),
    ],
    expected: { reset: ENHANCE_YOUR_CALM },
  },
  ...requestsOf.map(([name, fields]) => ({
    name: `a request ${name} (8.3)`,
    frames: [headers(1, fields, END_HEADERS | END_STREAM)],
    expected: { reset: PROTOCOL_ERROR },
  })),
  {
    name: 'trailers that end nothing (8.1)',
    frames: [open, headers(1, [['x-a', 'b']])],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'trailers with pseudo-headers (8.1)',
    frames: [open, headers(1, post(), END_HEADERS | END_STREAM)],
    expected: { reset: PROTOCOL_ERROR },
  },
  { name: 'headers after the end (5.1)', frames: [whole, open], expected: { reset: STREAM_CLOSED } },
  { name: 'headers after both ends (5.1)', frames: [answered, open], expected: { goAway: STREAM_CLOSED } },
  { name: 'headers after its reset (5.1)', frames: [open, reset(1, 8), open], expected: { reset: STREAM_CLOSED } },
].map(({ frames, ...rest }) => ({ ...rest, frames: [PREFACE, settings(), ...frames] }));

describe('a server that is sent', () => {
  it.each(cases)('$name', expectOfServer);
});
