/** Tests the order of stream events, and which events follow after a stream or its connection is closed. */
import { endLoopback } from './testing/loopback.ts';
import { Http2ErrorCode, FrameType } from './protocol.ts';
import { Setting } from './settings.ts';
import { type Http2Stream } from './stream.ts';
import { pattern, serve, LARGE_WINDOWS } from './testing/connections.ts';
import { sendRequest, OK, connectPair, requestFrame } from './testing/pair.ts';
import { data, END_HEADERS, END_STREAM, headers, post, RawPeer, settings } from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

describe('after a stream is closed in one of its callbacks', () => {
  const response = [headers(1, OK), data(1, 'body'), headers(1, [['x-a', 'b']], END_HEADERS | END_STREAM)];
  const cases: Array<{ event: 'onHeaders' | 'onData' | 'onTrailers' | 'onEnd'; events: string[] }> = [
    { event: 'onHeaders', events: ['headers', 'close'] },
    { event: 'onData', events: ['headers', 'data', 'close'] },
    { event: 'onTrailers', events: ['headers', 'data', 'trailers', 'close'] },
    { event: 'onEnd', events: ['headers', 'data', 'trailers', 'end', 'close'] },
  ];

  class ClosingLog extends StreamLog {
    readonly #event: string;
    readonly #action: () => void;

    constructor(event: string, action: () => void) {
      super();
      this.#event = event;
      this.#action = action;
    }

    override onHeaders(...args: Parameters<StreamLog['onHeaders']>): void {
      super.onHeaders(...args);
      this.#when('onHeaders');
    }

    override onData(bytes: Uint8Array): void {
      super.onData(bytes);
      this.#when('onData');
    }

    override onTrailers(...args: Parameters<StreamLog['onTrailers']>): void {
      super.onTrailers(...args);
      this.#when('onTrailers');
    }

    override onEnd(): void {
      super.onEnd();
      this.#when('onEnd');
    }

    #when(event: string): void {
      if (event === this.#event) {
        this.#action();
      }
    }
  }

  it.each(cases)('calls only onClose after a reset in $event', async ({ event, events }) => {
    const { client, server } = await connectPair();
    const log = new ClosingLog(event, () => stream.reset(Http2ErrorCode.CANCEL));
    const stream: Http2Stream = client.connection.request(post(), log);
    await server.findType(FrameType.HEADERS, 1);
    server.send(...response);
    expect(await log.closed).toBe(Http2ErrorCode.CANCEL);
    expect(await server.roundTrip()).toBe(true);
    expect(log.events).toEqual(events);
  });

  it.each(cases)('calls only onClose after destroy in $event', async ({ event, events }) => {
    const { client, server } = await connectPair();
    const reason = new Error('destroyed by the test');
    const log = new ClosingLog(event, () => client.connection.destroy(reason));
    const other = sendRequest(client);
    client.connection.request(post(), log).end();
    await server.findType(FrameType.HEADERS, 3);
    server.send(headers(3, OK), data(3, 'body'), headers(3, [['x-a', 'b']], END_HEADERS | END_STREAM), ...response);
    expect(await client.closed).toBe(reason);
    await log.closed;
    // The frame with the trailers also ends the stream, so `onEnd` is called too.
    expect(log.events).toEqual(event === 'onTrailers' ? ['headers', 'data', 'trailers', 'end', 'close'] : events);
    expect(await other.log.closed).toBeUndefined();
    expect(other.log.events).toEqual(['close']);
  });
});

describe('the loss of the connection', () => {
  const states: Array<{ state: string; frames: Buffer[]; events: string[] }> = [
    { state: 'before the response', frames: [], events: ['close'] },
    { state: 'after the headers', frames: [headers(1, OK)], events: ['headers', 'close'] },
    {
      state: 'within a frame',
      frames: [headers(1, OK), data(1, 'body').subarray(0, -1)],
      events: ['headers', 'data', 'close'],
    },
  ];

  it.each(states)('closes open streams, and rejects waiting requests: $state', async ({ frames, events }) => {
    const { client, server } = await connectPair(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    const running = sendRequest(client);
    const waiting = sendRequest(client);
    await server.findType(FrameType.HEADERS, 1);
    server.socket.end(Buffer.concat(frames));
    await client.closed;
    expect(await running.log.closed).toBeUndefined();
    expect(running.log.events).toEqual(events);
    expect(await waiting.log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    expect(client.connection.streamCount).toBe(0);
    expect(await sendRequest(client).log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
  });

  it('is reported with its reason before the streams close', async () => {
    const { client, server } = await connectPair();
    const order: string[] = [];
    void client.closed.then(() => order.push('connection'));
    const { log } = sendRequest(client);
    void log.closed.then(() => order.push('stream'));
    await server.findType(FrameType.HEADERS, 1);
    server.socket.resetAndDestroy();
    expect(await client.closed).toMatchObject({ code: 'ECONNRESET' });
    await log.closed;
    expect(order).toEqual(['connection', 'stream']);
  });

  it('closes the streams of a server in every state', async () => {
    const logs: StreamLog[] = [];
    const { port, sides } = await serve((stream, fields) => {
      const log = new StreamLog();
      logs.push(log);
      stream.events = log;
      if (fields.get(':path') === '/started') {
        stream.sendHeaders(OK);
        stream.write(pattern(1_000_000));
        stream.end();
      }
    }, LARGE_WINDOWS);
    const peer = await RawPeer.connect(port);
    peer.send(headers(1, post()), requestFrame(3), headers(5, post('/started')), headers(7, post(), 0));
    await peer.findType(FrameType.DATA, 5);
    peer.socket.resetAndDestroy();
    await sides[0].closed;
    expect(await Promise.all(logs.map(({ closed }) => closed))).toEqual([undefined, undefined, undefined]);
    expect(logs.map(({ events }) => events.join())).toEqual(['close', 'end,close', 'close']);
  });
});
