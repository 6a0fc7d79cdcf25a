/** Invalid and unusual responses, and the reaction of a client. Numbers are sections of RFC 9113. */
import { endLoopback } from './testing/loopback.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { Http2ErrorCode, FrameType } from './protocol.ts';
import { Setting } from './settings.ts';
import { connectTo, SMALL_WINDOWS, type Client } from './testing/connections.ts';
import { connectPair } from './testing/pair.ts';
import { expectReaction, type Violation } from './testing/violations.ts';
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  goAway,
  headers,
  post,
  RawPeer,
  settings,
  uint32,
} from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

const { NO_ERROR, PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED } = Http2ErrorCode;
const { ENHANCE_YOUR_CALM } = Http2ErrorCode;

const response = headers(1, [[':status', '200']]);
const interim = (...flags: number[]) =>
  headers(
    1,
    [[':status', '103']],
    flags.reduce((all, flag) => all | flag, END_HEADERS)
  );

/** Frames that respond to one request. */
const cases: Violation[] = [
  { name: 'data before headers (8.1)', frames: [data(1, 'a')], expected: { reset: PROTOCOL_ERROR } },
  {
    name: 'a response without a status (8.3.2)',
    frames: [headers(1, [['x-a', 'b']])],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'a status that is not a number (8.3.2)',
    frames: [headers(1, [[':status', 'ok']])],
    expected: { reset: PROTOCOL_ERROR },
  },
  { name: 'status 101 (8.6)', frames: [headers(1, [[':status', '101']])], expected: { reset: PROTOCOL_ERROR } },
  {
    name: 'an interim response that ends the stream (8.1)',
    frames: [interim(END_STREAM)],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'data after an interim response (8.1)',
    frames: [interim(), data(1, 'a')],
    expected: { reset: PROTOCOL_ERROR },
  },
  { name: 'interim responses before the response (8.1)', frames: [interim(), interim(), response], expected: 'none' },
  { name: 'a second response (8.1)', frames: [response, response], expected: { reset: PROTOCOL_ERROR } },
  {
    name: 'a header list above the limit',
    frames: [
      headers(
        1,
        Array.from({ length: 4000 }, (): HeaderField => [':status', '200'])
      ),
    ],
    expected: { reset: ENHANCE_YOUR_CALM },
  },
  {
    name: 'trailers with a status (8.1)',
    frames: [response, headers(1, [[':status', '200']], END_HEADERS | END_STREAM)],
    expected: { reset: PROTOCOL_ERROR },
  },
  {
    name: 'data after the end (5.1)',
    frames: [response, data(1, 'a', END_STREAM), data(1, 'a')],
    expected: { goAway: STREAM_CLOSED },
  },
  {
    name: 'a response without a request (5.1)',
    frames: [headers(3, [[':status', '200']])],
    expected: { goAway: PROTOCOL_ERROR },
  },
  { name: 'a request (5.1.1)', frames: [headers(2, post())], expected: { goAway: PROTOCOL_ERROR } },
  {
    name: 'PUSH_PROMISE while push is disabled (8.4)',
    frames: [frame(FrameType.PUSH_PROMISE, END_HEADERS, 1, uint32(2))],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'SETTINGS_ENABLE_PUSH of 1 from a server (6.5.2)',
    frames: [settings([Setting.ENABLE_PUSH, 1])],
    expected: { goAway: PROTOCOL_ERROR },
  },
  {
    name: 'more data than the window of the connection (6.9.1)',
    // The second frame has the longest accepted length. That is more than the whole window of 65,535 bytes.
    frames: [response, data(1, Buffer.alloc(60_000)), data(1, Buffer.alloc(100_000))],
    expected: { goAway: FLOW_CONTROL_ERROR },
  },
];

describe('a client', () => {
  async function sendRequest(log: StreamLog): Promise<{ peer: RawPeer; client: Client }> {
    const { port, peer } = await RawPeer.listen();
    const client = await connectTo(port, { ...SMALL_WINDOWS, frameBytes: 100_000 });
    client.connection.request(post(), log).end();
    const server = await peer;
    await server.findType(FrameType.HEADERS, 1);
    return { peer: server, client };
  }

  it.each(cases)('handles $name', async ({ frames, expected }) => {
    const log = new StreamLog();
    const { peer, client } = await sendRequest(log);
    peer.send(...frames);
    await expectReaction(peer, expected);
    peer.socket.destroy();
    await client.closed;
    expect(log.events.slice(log.events.indexOf('close'))).toEqual(['close']);
    if (expected !== 'none' && 'reset' in expected) {
      expect(log.code).toBe(expected.reset);
    }
  });

  it.each([
    { method: 'HEAD', status: '200', code: NO_ERROR },
    { method: 'POST', status: '204', code: NO_ERROR },
    { method: 'POST', status: '304', code: NO_ERROR },
    { method: 'POST', status: '200', code: PROTOCOL_ERROR },
  ])(
    'closes a $method request with the code $code if the response with status $status has a content-length, but no body (8.1.1)',
    async ({ method, status, code }) => {
      const log = new StreamLog();
      const { client, server } = await connectPair();
      const fields = post().map(([name, value]): HeaderField => [name, name === ':method' ? method : value]);
      client.connection.request(fields, log).end();
      await server.findType(FrameType.HEADERS, 1);
      const responseFields: HeaderField[] = [
        [':status', status],
        ['content-length', '5'],
      ];
      server.send(headers(1, responseFields, END_HEADERS | END_STREAM));
      expect(await log.closed).toBe(code);
    }
  );

  it('passes the reason of a GOAWAY with an error to onClose', async () => {
    const log = new StreamLog();
    const { peer, client } = await sendRequest(log);
    peer.send(goAway(1, ENHANCE_YOUR_CALM));
    await client.goAway;
    peer.socket.destroy();
    expect(await client.closed).toMatchObject({ name: 'GoAwayError', code: ENHANCE_YOUR_CALM });
    expect(log.code).toBeUndefined();
  });

  it('passes no reason to onClose after a GOAWAY without an error', async () => {
    const log = new StreamLog();
    const { peer, client } = await sendRequest(log);
    peer.send(goAway(1, NO_ERROR), headers(1, [[':status', '200']], END_HEADERS | END_STREAM));
    expect(await client.closed).toBeUndefined();
    expect(log.code).toBe(NO_ERROR);
  });
});
