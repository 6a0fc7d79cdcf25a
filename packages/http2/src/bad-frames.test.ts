/** Invalid and unusual frames of a client, and the reaction of a server. Numbers are sections of RFC 9113. */
import { endLoopback } from './testing/loopback.ts';
import { Http2ErrorCode, FrameType, MAX_WINDOW_BYTES, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';
import { expectServerReaction, type Violation } from './testing/violations.ts';
import {
  ACK,
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
  uint32,
  windowUpdate,
} from './testing/raw-peer.ts';

afterEach(endLoopback);

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR } = Http2ErrorCode;
const { REFUSED_STREAM } = Http2ErrorCode;

const open = headers(1, post());
const whole = headers(1, post(), END_HEADERS | END_STREAM);
const responded = headers(1, post('/responded'), END_HEADERS | END_STREAM);

const cases: Violation[] = [
  {
    name: 'HTTP/1.1 (3.4)',
    frames: [Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')],
    expected: { goAway: PROTOCOL_ERROR },
  },
  { name: 'a first frame that is not SETTINGS (3.4)', frames: [PREFACE, ping()], expected: { goAway: PROTOCOL_ERROR } },
  { name: 'DATA before SETTINGS (3.4)', frames: [PREFACE, data(1, 'a')], expected: { goAway: PROTOCOL_ERROR } },
  {
    name: 'a SETTINGS acknowledgement as the first frame (3.4)',
    frames: [PREFACE, frame(FrameType.SETTINGS, ACK, 0)],
    expected: { goAway: PROTOCOL_ERROR },
  },
  ...[
    {
      name: 'a frame that is too long (4.2)',
      frames: [ping('a'.repeat(16_385))],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'unknown frames (4.1)',
      frames: [frame(99, 0xff, 0, 'a'), frame(99, 0xff, 77)],
      expected: 'none' as const,
    },
    {
      name: 'the reserved bit of a stream identifier (4.1)',
      frames: [frame(FrameType.PING, 0, 0x8000_0000, 'pingping')],
      expected: 'none' as const,
    },

    // Data
    { name: 'DATA on stream 0 (6.1)', frames: [data(0, 'a')], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'DATA on an idle stream (5.1)', frames: [data(1, 'a')], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'DATA after END_STREAM (5.1)', frames: [whole, data(1, 'a')], expected: { reset: STREAM_CLOSED } },
    {
      name: 'DATA after both sides have ended (5.1)',
      frames: [responded, data(1, 'a')],
      expected: { goAway: STREAM_CLOSED },
    },
    {
      name: 'DATA after RST_STREAM (5.1)',
      frames: [open, reset(1, 8), data(1, 'a')],
      expected: { reset: STREAM_CLOSED },
    },
    {
      name: 'frames in flight after a reset by the server (5.1)',
      frames: [headers(1, post('/reset')), data(1, 'a'), headers(1, [['x-a', 'b']], END_HEADERS | END_STREAM)],
      expected: { reset: Http2ErrorCode.CANCEL },
    },
    {
      name: 'more padding than data (6.1)',
      frames: [open, data(1, '\x05abc', PADDED)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'padding without data (6.1)',
      frames: [open, data(1, '\x03\0\0\0', PADDED)],
      expected: 'none' as const,
    },
    {
      name: 'the flag PADDED without a padding length (6.1)',
      frames: [open, data(1, '', PADDED)],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'a body shorter than content-length (8.1.1)',
      frames: [headers(1, post('/', ['content-length', '5'])), data(1, 'abcd', END_STREAM)],
      expected: { reset: PROTOCOL_ERROR },
    },
    {
      name: 'a body longer than content-length (8.1.1)',
      frames: [headers(1, post('/', ['content-length', '5'])), data(1, 'abc'), data(1, 'abc', END_STREAM)],
      expected: { reset: PROTOCOL_ERROR },
    },
    {
      name: 'a padded body with the length in content-length (8.1.1)',
      frames: [
        headers(1, post('/', ['content-length', '5'])),
        data(1, 'abc'),
        data(1, '\x01de\0', END_STREAM | PADDED),
      ],
      expected: 'none' as const,
    },
    {
      name: 'more data than the window of a paused stream (5.2)',
      frames: [headers(1, post('/paused')), ...Array.from({ length: 4 }, () => data(1, Buffer.alloc(16_384)))],
      expected: { reset: FLOW_CONTROL_ERROR },
    },

    // Frames of the connection, and PRIORITY
    {
      name: 'SETTINGS on a stream (6.5)',
      frames: [frame(FrameType.SETTINGS, 0, 1)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'truncated SETTINGS (6.5)',
      frames: [frame(FrameType.SETTINGS, 0, 0, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'a SETTINGS acknowledgement with content (6.5)',
      frames: [frame(FrameType.SETTINGS, ACK, 0, 'abcdef')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    { name: 'an unknown setting (6.5.2)', frames: [settings([99, 1])], expected: 'none' as const },
    {
      name: 'SETTINGS_ENABLE_PUSH of 2 (6.5.2)',
      frames: [settings([Setting.ENABLE_PUSH, 2])],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'SETTINGS_INITIAL_WINDOW_SIZE above the maximum (6.5.2)',
      frames: [settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31])],
      expected: { goAway: FLOW_CONTROL_ERROR },
    },
    {
      name: 'SETTINGS_INITIAL_WINDOW_SIZE that makes a window exceed the maximum (6.9.2)',
      frames: [open, windowUpdate(1, MAX_WINDOW_BYTES - 65_535), settings([Setting.INITIAL_WINDOW_SIZE, 65_536])],
      expected: { goAway: FLOW_CONTROL_ERROR },
    },
    {
      name: 'SETTINGS_MAX_FRAME_SIZE below the minimum (6.5.2)',
      frames: [settings([Setting.MAX_FRAME_SIZE, 16_383])],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'SETTINGS_MAX_FRAME_SIZE above the maximum (6.5.2)',
      frames: [settings([Setting.MAX_FRAME_SIZE, 2 ** 24])],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'PING on a stream (6.7)',
      frames: [frame(FrameType.PING, 0, 1, 'pingpong')],
      expected: { goAway: PROTOCOL_ERROR },
    },
    { name: 'truncated PING (6.7)', frames: [ping('ping')], expected: { goAway: FRAME_SIZE_ERROR } },
    { name: 'a PING acknowledgement without a PING', frames: [ping('pongpong', ACK)], expected: 'none' as const },
    {
      name: 'GOAWAY on a stream (6.8)',
      frames: [frame(FrameType.GOAWAY, 0, 1, uint32(0, 0))],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'truncated GOAWAY (6.8)',
      frames: [frame(FrameType.GOAWAY, 0, 0, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'PUSH_PROMISE from a client (8.4)',
      frames: [frame(FrameType.PUSH_PROMISE, 0, 1)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'PRIORITY on stream 0 (6.3)',
      frames: [frame(FrameType.PRIORITY, 0, 0, 'abcde')],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'truncated PRIORITY (6.3)',
      frames: [frame(FrameType.PRIORITY, 0, 1, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'PRIORITY on an idle stream (6.3)',
      frames: [frame(FrameType.PRIORITY, 0, 9, 'abcde')],
      expected: 'none' as const,
    },

    // Resets and windows
    { name: 'RST_STREAM on stream 0 (6.4)', frames: [reset(0, 0)], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'RST_STREAM on an idle stream (6.4)', frames: [reset(1, 0)], expected: { goAway: PROTOCOL_ERROR } },
    {
      name: 'truncated RST_STREAM (6.4)',
      frames: [open, frame(FrameType.RST_STREAM, 0, 1, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    { name: 'a second RST_STREAM (5.1)', frames: [open, reset(1, 8), reset(1, 8)], expected: 'none' as const },
    {
      name: 'WINDOW_UPDATE on an idle stream (6.9)',
      frames: [windowUpdate(1, 1)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'WINDOW_UPDATE on a closed stream (6.9)',
      frames: [responded, windowUpdate(1, 1)],
      expected: 'none' as const,
    },
    {
      name: 'WINDOW_UPDATE by 0 on a stream (6.9)',
      frames: [open, windowUpdate(1, 0)],
      expected: { reset: PROTOCOL_ERROR },
    },
    {
      name: 'WINDOW_UPDATE beyond the maximum on a stream (6.9.1)',
      frames: [open, windowUpdate(1, MAX_WINDOW_BYTES)],
      expected: { reset: FLOW_CONTROL_ERROR },
    },
    {
      name: 'WINDOW_UPDATE by 0 on the connection (6.9)',
      frames: [windowUpdate(0, 0)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'WINDOW_UPDATE beyond the maximum on the connection (6.9.1)',
      frames: [windowUpdate(0, MAX_WINDOW_BYTES)],
      expected: { goAway: FLOW_CONTROL_ERROR },
    },
    {
      name: 'truncated WINDOW_UPDATE (6.9)',
      frames: [frame(FrameType.WINDOW_UPDATE, 0, 0, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'more requests than SETTINGS_MAX_CONCURRENT_STREAMS (5.1.2)',
      frames: Array.from({ length: 101 }, (_, index) => headers(1 + index * 2, post())),
      expected: { reset: REFUSED_STREAM, streamId: 201 },
    },
  ].map(({ frames, ...rest }) => ({ ...rest, frames: [PREFACE, settings(), ...frames] })),
];

describe('the reaction of a server to', () => {
  it.each(cases)('$name', expectServerReaction);
});
