/** What a well-behaved client never sends, and what becomes of it. The numbers are sections of RFC 9113. */
import { endLoopback } from './testing/loopback.ts';
import { ErrorCode, FrameType, MAX_WINDOW_BYTES, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';
import { post } from './testing/connections.ts';
import { expectOfServer, type Case } from './testing/complaints.ts';
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  PADDED,
  ping,
  reset,
  settings,
  uint32,
  widen,
} from './testing/raw-peer.ts';

afterEach(endLoopback);

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR } = ErrorCode;
const { REFUSED_STREAM } = ErrorCode;

const open = headers(1, post());
const whole = headers(1, post(), END_HEADERS | END_STREAM);
const answered = headers(1, post('/answered'), END_HEADERS | END_STREAM);

const cases: Case[] = [
  {
    name: 'another protocol',
    frames: [Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')],
    expected: { goAway: PROTOCOL_ERROR },
  },
  { name: 'a first frame that is not SETTINGS (3.4)', frames: [PREFACE, ping()], expected: { goAway: PROTOCOL_ERROR } },
  { name: 'data before SETTINGS (3.4)', frames: [PREFACE, data(1, 'a')], expected: { goAway: PROTOCOL_ERROR } },
  {
    name: 'an answer to settings in place of its own (3.4)',
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
      expected: 'nothing' as const,
    },
    {
      name: 'a reserved bit (4.1)',
      frames: [frame(FrameType.PING, 0, 0x8000_0000, 'pingping')],
      expected: 'nothing' as const,
    },

    // Data
    { name: 'data of the connection (6.1)', frames: [data(0, 'a')], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'data on a stream that is idle (5.1)', frames: [data(1, 'a')], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'data after the end (5.1)', frames: [whole, data(1, 'a')], expected: { reset: STREAM_CLOSED } },
    { name: 'data after both ends (5.1)', frames: [answered, data(1, 'a')], expected: { goAway: STREAM_CLOSED } },
    {
      name: 'data after its reset (5.1)',
      frames: [open, reset(1, 8), data(1, 'a')],
      expected: { reset: STREAM_CLOSED },
    },
    {
      name: 'data after our reset, which it cannot know of (5.1)',
      frames: [headers(1, post('/reset')), data(1, 'a'), headers(1, [['x-a', 'b']], END_HEADERS | END_STREAM)],
      expected: { reset: ErrorCode.CANCEL },
    },
    {
      name: 'more padding than data (6.1)',
      frames: [open, data(1, '\x05abc', PADDED)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'padding in place of data (6.1)',
      frames: [open, data(1, '\x03\0\0\0', PADDED)],
      expected: 'nothing' as const,
    },
    {
      name: 'padding that is not there (6.1)',
      frames: [open, data(1, '', PADDED)],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'less than was announced (8.1.1)',
      frames: [headers(1, post('/', ['content-length', '5'])), data(1, 'abcd', END_STREAM)],
      expected: { reset: PROTOCOL_ERROR },
    },
    {
      name: 'more than was announced (8.1.1)',
      frames: [headers(1, post('/', ['content-length', '5'])), data(1, 'abc'), data(1, 'abc', END_STREAM)],
      expected: { reset: PROTOCOL_ERROR },
    },
    {
      name: 'as much as was announced, with padding (8.1.1)',
      frames: [
        headers(1, post('/', ['content-length', '5'])),
        data(1, 'abc'),
        data(1, '\x01de\0', END_STREAM | PADDED),
      ],
      expected: 'nothing' as const,
    },
    {
      name: 'more than a paused stream takes (5.2)',
      frames: [headers(1, post('/paused')), ...Array.from({ length: 4 }, () => data(1, Buffer.alloc(16_384)))],
      expected: { reset: FLOW_CONTROL_ERROR },
    },

    // Frames of the connection
    {
      name: 'SETTINGS of a stream (6.5)',
      frames: [frame(FrameType.SETTINGS, 0, 1)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'SETTINGS that are cut (6.5)',
      frames: [frame(FrameType.SETTINGS, 0, 0, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'an answer to settings with content (6.5)',
      frames: [frame(FrameType.SETTINGS, ACK, 0, 'abcdef')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    { name: 'an unknown setting (6.5.2)', frames: [settings([99, 1])], expected: 'nothing' as const },
    {
      name: 'push for better or worse (6.5.2)',
      frames: [settings([Setting.ENABLE_PUSH, 2])],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'a window wider than any (6.5.2)',
      frames: [settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31])],
      expected: { goAway: FLOW_CONTROL_ERROR },
    },
    {
      name: 'a setting that makes a window too wide (6.9.2)',
      frames: [open, widen(1, MAX_WINDOW_BYTES - 65_535), settings([Setting.INITIAL_WINDOW_SIZE, 65_536])],
      expected: { goAway: FLOW_CONTROL_ERROR },
    },
    {
      name: 'frames that are too short (6.5.2)',
      frames: [settings([Setting.MAX_FRAME_SIZE, 16_383])],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'frames that are too long (6.5.2)',
      frames: [settings([Setting.MAX_FRAME_SIZE, 2 ** 24])],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'PING of a stream (6.7)',
      frames: [frame(FrameType.PING, 0, 1, 'pingpong')],
      expected: { goAway: PROTOCOL_ERROR },
    },
    { name: 'PING that is cut (6.7)', frames: [ping('ping')], expected: { goAway: FRAME_SIZE_ERROR } },
    { name: 'an answer to no PING', frames: [ping('pongpong', ACK)], expected: 'nothing' as const },
    {
      name: 'GOAWAY of a stream (6.8)',
      frames: [frame(FrameType.GOAWAY, 0, 1, uint32(0, 0))],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'GOAWAY that is cut (6.8)',
      frames: [frame(FrameType.GOAWAY, 0, 0, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'a push from a client (8.4)',
      frames: [frame(FrameType.PUSH_PROMISE, 0, 1)],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'PRIORITY of the connection (6.3)',
      frames: [frame(FrameType.PRIORITY, 0, 0, 'abcde')],
      expected: { goAway: PROTOCOL_ERROR },
    },
    {
      name: 'PRIORITY that is cut (6.3)',
      frames: [frame(FrameType.PRIORITY, 0, 1, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'PRIORITY of an idle stream (6.3)',
      frames: [frame(FrameType.PRIORITY, 0, 9, 'abcde')],
      expected: 'nothing' as const,
    },

    // Resets and windows
    { name: 'a reset of the connection (6.4)', frames: [reset(0, 0)], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'a reset of an idle stream (6.4)', frames: [reset(1, 0)], expected: { goAway: PROTOCOL_ERROR } },
    {
      name: 'a reset that is cut (6.4)',
      frames: [open, frame(FrameType.RST_STREAM, 0, 1, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    { name: 'a second reset (5.1)', frames: [open, reset(1, 8), reset(1, 8)], expected: 'nothing' as const },
    { name: 'a window of an idle stream (6.9)', frames: [widen(1, 1)], expected: { goAway: PROTOCOL_ERROR } },
    { name: 'a window of a stream that is over (6.9)', frames: [answered, widen(1, 1)], expected: 'nothing' as const },
    { name: 'a window widened by nothing (6.9)', frames: [open, widen(1, 0)], expected: { reset: PROTOCOL_ERROR } },
    {
      name: 'a window widened by too much (6.9.1)',
      frames: [open, widen(1, MAX_WINDOW_BYTES)],
      expected: { reset: FLOW_CONTROL_ERROR },
    },
    { name: 'the common window widened by nothing (6.9)', frames: [widen(0, 0)], expected: { goAway: PROTOCOL_ERROR } },
    {
      name: 'the common window widened by too much (6.9.1)',
      frames: [widen(0, MAX_WINDOW_BYTES)],
      expected: { goAway: FLOW_CONTROL_ERROR },
    },
    {
      name: 'a window that is cut (6.9)',
      frames: [frame(FrameType.WINDOW_UPDATE, 0, 0, 'abc')],
      expected: { goAway: FRAME_SIZE_ERROR },
    },
    {
      name: 'more requests than are taken (5.1.2)',
      frames: Array.from({ length: 101 }, (_, index) => headers(1 + index * 2, post())),
      expected: { reset: REFUSED_STREAM, streamId: 201 },
    },
  ].map(({ frames, ...rest }) => ({ ...rest, frames: [PREFACE, settings(), ...frames] })),
];

describe('a server that is sent', () => {
  it.each(cases)('$name', expectOfServer);
});
