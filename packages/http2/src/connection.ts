/**
 * One HTTP/2 connection, as client or as server, on a socket that is open.
 *
 * Why not `node:http2`: it makes a Node stream with its buffers and events of every call, and a buffer of every network
 * read; see docs/decisions/0011. What gRPC needs of HTTP/2 is here, and nothing else: no push, no priorities, no upgrade.
 *
 * Rules: RFC 9113.
 */
import { type Socket } from 'node:net';
import { readBeforeDestroy } from './read-before-destroy.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import { type ConnectionOptions, type OnRequest } from './connection-options.ts';
import { FloodGuard } from './flood-guard.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { goAwayFrame, headersFrames, resetFrame, settingsFrame, windowUpdateFrame } from './frames.ts';
import { greeting, PrefaceReader } from './greeting.ts';
import { HeaderBlocks, type HeaderBlock } from './header-blocks.ts';
import { readHeaders } from './headers.ts';
import { EMPTY_TABLE, encodeHeaders } from './hpack/encode-headers.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { Outbox } from './outbox.ts';
import { PeerWatch } from './peer-watch.ts';
import { Pings } from './pings.ts';
import {
  ConnectionError,
  DEFAULT_TABLE_BYTES,
  ErrorCode,
  Flag,
  FloodError,
  FrameType,
  GoAwayReceived,
} from './protocol.ts';
import { ReceiveWindow } from './receive-window.ts';
import { applySettings, INITIAL_PEER_SETTINGS } from './settings.ts';
import { SlowClose } from './slow-close.ts';
import { Http2Stream, type StreamEvents, type StreamOwner } from './stream.ts';
import { Streams } from './streams.ts';

export { type ConnectionLimits } from './greeting.ts';
export { type ConnectionOptions, type Keepalive, type OnRequest } from './connection-options.ts';

const MAX_PADDING_BYTES = 256;

const SILENCE = {
  handshake: 'The peer does not say its first settings.',
  keepalive: 'The peer does not answer to keepalive.',
} as const;

/** Milliseconds that a peer has for its connection preface and its first settings. */
const HANDSHAKE_MS = 10_000;

export class Http2Connection implements StreamOwner, FrameSink {
  readonly #options: ConnectionOptions;
  readonly outbox: Outbox;
  readonly isServer: boolean;
  readonly windowBytes: number;
  readonly #socket: Socket;
  readonly #preface: PrefaceReader;
  readonly #reader: FrameReader;
  readonly #blocks: HeaderBlocks;
  readonly #streams: Streams;
  readonly #window: ReceiveWindow;
  readonly #guard: FloodGuard;
  readonly #watch: PeerWatch;
  readonly #slowClose: SlowClose;
  readonly #pings: Pings;
  #peer = INITIAL_PEER_SETTINGS;
  #hasGreeted = false;
  #owesTableSize = false;
  #isClosing = false;
  #isGone = false;
  #reason: unknown;
  /** Requests that something still works for. */
  #unfinishedCount = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, source, limits, keepalive, clock = SYSTEM_CLOCK } = options;
    readBeforeDestroy(socket);
    this.#socket = socket;
    this.isServer = options.onRequest !== undefined;
    this.windowBytes = limits.streamWindowBytes;
    this.#streams = new Streams(this.isServer);
    this.#window = new ReceiveWindow(limits.connectionWindowBytes);
    this.#guard = new FloodGuard(clock);
    this.#slowClose = new SlowClose(socket, clock);
    this.#watch = new PeerWatch({
      clock,
      handshakeMs: HANDSHAKE_MS,
      keepalive,
      bytesRead: () => socket.bytesRead,
      ping: (answered) => this.ping(answered),
      onSilent: (what) => this.#fail(new ConnectionError(ErrorCode.SETTINGS_TIMEOUT, SILENCE[what])),
    });
    this.outbox = new Outbox(
      socket,
      (kind) => {
        this.#reader.stop();
        // Whoever sends must not find its stream closed in the middle of it.
        process.nextTick(() => this.#fail(new FloodError(kind)));
      },
      (bytes) => this.#guard.sent(bytes)
    );
    this.#pings = new Pings(this.outbox);
    this.#preface = new PrefaceReader(this.isServer);
    this.#reader = new FrameReader(this, limits.frameBytes);
    this.#blocks = new HeaderBlocks(limits.headerListBytes);
    this.outbox.add(greeting(limits, this.isServer));
    const take = (chunk: Buffer) => this.#receive(chunk);
    if (source === undefined) {
      socket.on('data', take);
    } else {
      // What came early is no sooner told than whoever makes the connection can know it.
      process.nextTick(() => source.sendTo(take));
    }
    socket.on('error', (reason) => (this.#reason ??= reason));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#watch.end();
      this.#slowClose.end();
      this.outbox.closed();
      this.#gone();
    });
  }

  get isAlive(): boolean {
    return !this.#isGone && !this.#socket.destroyed;
  }

  /** True while new requests can be made. */
  get isUsable(): boolean {
    return this.isAlive && !this.#isClosing && this.#socket.writable && this.#streams.hasNumbers;
  }

  get streamCount(): number {
    return this.#streams.count;
  }

  /**
   * Begins a request; its body follows by `write` and `end`. It waits while the peer allows no more, and is closed with
   * REFUSED_STREAM when the connection will not take it.
   *
   * @throws RangeError for a field that is no byte.
   */
  request(fields: Iterable<HeaderField>, events: StreamEvents): Http2Stream {
    const block = encodeHeaders(fields);
    const stream = new Http2Stream(this);
    stream.events = events;
    if (this.isUsable) {
      this.#streams.wait(stream, block);
      this.#startWaiting();
    } else {
      // The caller must have the stream before it hears of it.
      process.nextTick(() => stream.close(ErrorCode.REFUSED_STREAM));
    }
    return stream;
  }

  /** Calls back when the peer has answered. */
  ping(answered: () => void): void {
    this.#pings.send(answered);
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  /** Begins nothing more, not even what waits, and ends with the last stream. */
  close(): void {
    if (!this.#isClosing && this.isAlive) {
      this.#isClosing = true;
      this.outbox.add([goAwayFrame(this.#streams.lastPeerId, ErrorCode.NO_ERROR)]);
      this.#refuse(this.#streams.waiting());
    }
  }

  /** Ends at once, with all streams. */
  destroy(reason?: unknown): void {
    this.#reason ??= reason;
    this.#reader.stop();
    this.#socket.destroy();
  }

  // StreamOwner

  headersFrames(streamId: number, block: Buffer, isEnd: boolean): Buffer[] {
    // A peer that made its table smaller wants to hear that it is not used (RFC 7541, section 4.2).
    const whole = this.#owesTableSize ? Buffer.concat([EMPTY_TABLE, block]) : block;
    this.#owesTableSize = false;
    return headersFrames(streamId, whole, isEnd, this.outbox.frameBytes);
  }

  closed(stream: Http2Stream): void {
    this.#streams.remove(stream);
    this.outbox.forget(stream);
    if (!stream.isRemoteEnded && !stream.isReset) {
      this.#guard.gaveUp(stream.windowBytes);
    }
    this.#startWaiting();
    this.#endIfDone();
  }

  brokeRule(): void {
    this.#guard.reset();
  }

  // FrameSink

  onDataFrame(streamId: number, length: number, flags: number): void {
    this.#mustHaveGreeted();
    this.#blocks.expectNone();
    if (!this.#window.count(length)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'The peer sends more than it may.');
    }
    const bytes = this.#window.reopen();
    if (bytes > 0) {
      this.outbox.add([windowUpdateFrame(0, bytes)]);
    }
    const stream = this.#receiver(streamId);
    if (stream === undefined) {
      this.#guard.lateData(length);
    } else {
      if ((flags & Flag.END_STREAM) === 0) {
        this.#guard.data((flags & Flag.PADDED) === 0 ? length : length - MAX_PADDING_BYTES);
      }
      stream.onDataFrame(length);
    }
  }

  onData(streamId: number, bytes: Uint8Array): void {
    this.#streams.get(streamId)?.onData(bytes);
  }

  onDataFrameEnd(flags: number, streamId: number): void {
    if ((flags & Flag.END_STREAM) !== 0) {
      this.#streams.get(streamId)?.ended();
    }
  }

  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (type === FrameType.GOAWAY && !this.#hasGreeted) {
      // Against the rules, but it says why there are no settings.
      throw new GoAwayReceived(payload.readUInt32BE(4));
    }
    if (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0) {
      this.#mustHaveGreeted();
    }
    const block = this.#blocks.take(type, flags, streamId, payload);
    if (block !== undefined) {
      this.#onHeaders(block);
      return;
    }
    switch (type) {
      case FrameType.RST_STREAM:
        this.#onReset(streamId, payload.readUInt32BE(0));
        return;
      case FrameType.SETTINGS:
        this.#onSettings(flags, payload);
        return;
      case FrameType.PING:
        this.#guard.frame();
        this.#pings.onFrame(flags, payload);
        return;
      case FrameType.GOAWAY:
        this.#guard.frame(payload.length, this.#streams.count);
        this.#onGoAway(payload.readUInt32BE(0) & 0x7fff_ffff, payload.readUInt32BE(4));
        return;
      case FrameType.WINDOW_UPDATE:
        this.#guard.frame();
        this.#onWindowUpdate(streamId, payload.readUInt32BE(0) & 0x7fff_ffff);
        return;
      case FrameType.PUSH_PROMISE:
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'Push was not allowed.');
      default:
        // PRIORITY means nothing any more, and unknown types are for others (RFC 9113, sections 5.3.2 and 4.1). A header
        // block that is not complete comes here too.
        this.#guard.frame(payload.length);
    }
  }

  #mustHaveGreeted(): void {
    if (!this.#hasGreeted) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'The first frame is not SETTINGS.');
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#isGone) {
      this.#slowClose.drop(chunk.length);
      return;
    }
    try {
      this.#reader.push(this.#preface.framesOf(chunk));
    } catch (reason) {
      // Whatever else is wrong, it is this connection's: thrown on it would end the process.
      this.#reason ??= reason;
      const isPeers = reason instanceof ConnectionError;
      this.#fail(isPeers ? reason : new ConnectionError(ErrorCode.INTERNAL_ERROR, 'What came could not be handled.'));
    }
  }

  /** The peer is told, and nothing is heard or done any more. */
  #fail(reason: ConnectionError): void {
    if (this.#isGone) {
      return;
    }
    this.#reason ??= reason;
    this.outbox.add([goAwayFrame(this.#streams.lastPeerId, reason.code)]);
    this.#end();
    this.#gone();
  }

  #end(): void {
    this.#watch.end();
    this.outbox.close();
    this.#slowClose.begin();
  }

  #gone(): void {
    if (this.#isGone) {
      return;
    }
    this.#isGone = true;
    this.#isClosing = true;
    this.#reader.stop();
    this.#options.onClose?.(this.#reason);
    this.#refuse(this.#streams.waiting());
    for (const stream of this.#streams.running()) {
      stream.close(undefined);
    }
  }

  #endIfDone(): void {
    if (this.#isClosing && this.streamCount === 0 && this.isAlive) {
      this.#end();
    }
  }

  #startWaiting(): void {
    while (this.isUsable && this.#streams.runningCount < this.#peer.maxStreams) {
      const begun = this.#streams.begin();
      if (begun === undefined) {
        return;
      }
      const [stream, id, block] = begun;
      stream.begin(id, block, this.#peer.windowBytes);
    }
    if (!this.#streams.hasNumbers) {
      this.close();
    }
  }

  /** These the peer never saw. */
  #refuse(streams: readonly Http2Stream[]): void {
    streams.forEach((stream) => stream.close(ErrorCode.REFUSED_STREAM));
    this.#endIfDone();
  }

  /** The stream that content is for; undefined when it is over. @throws {ConnectionError} when it cannot be. */
  #receiver(streamId: number): Http2Stream | undefined {
    const stream = this.#streams.get(streamId);
    if (stream === undefined && this.#streams.isContentAfterReset(streamId)) {
      this.outbox.reply(resetFrame(streamId, ErrorCode.STREAM_CLOSED));
    }
    return stream;
  }

  #onHeaders({ streamId, fields, isEnd, bytes }: HeaderBlock): void {
    if (this.#options.onRequest !== undefined && this.#streams.isNewRequest(streamId)) {
      this.#guard.requestHeaders(bytes);
      this.#onRequest(this.#options.onRequest, streamId, fields, isEnd);
      return;
    }
    // An answer without trailers is paid by its request; what comes on top of it is not.
    const stream = this.#receiver(streamId);
    if (stream === undefined || !isEnd) {
      this.#guard.frame(bytes);
    }
    stream?.onHeaders(fields, isEnd);
  }

  #onRequest(onRequest: OnRequest, streamId: number, fields: HeaderBlock['fields'], isEnd: boolean): void {
    const { maxStreams } = this.#options.limits;
    const headers = fields === undefined ? undefined : readHeaders(fields, 'request');
    if (this.#isClosing || this.#streams.runningCount >= maxStreams || this.#unfinishedCount >= maxStreams) {
      this.#turnDown(streamId, ErrorCode.REFUSED_STREAM);
    } else if (headers === undefined) {
      this.#turnDown(streamId, fields === undefined ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.PROTOCOL_ERROR);
    } else {
      const stream = new Http2Stream(this);
      this.#streams.accept(streamId, stream);
      stream.accept(streamId, headers, isEnd, this.#peer.windowBytes);
      this.#countUntil(onRequest(stream, headers));
      if (isEnd) {
        stream.ended();
      }
    }
  }

  #countUntil(finished: Promise<unknown> | void): void {
    if (finished !== undefined) {
      this.#unfinishedCount++;
      const end = () => this.#unfinishedCount--;
      finished.then(end, end);
    }
  }

  #turnDown(streamId: number, code: number): void {
    this.#streams.accept(streamId, undefined);
    this.outbox.reply(resetFrame(streamId, code));
    this.#guard.gaveUp(this.windowBytes);
    this.#guard.reset();
  }

  #onReset(streamId: number, code: number): void {
    const stream = this.#streams.find(streamId);
    if (stream === undefined) {
      this.#guard.frame();
      return;
    }
    stream.onReset(code);
    if (this.isServer) {
      this.#guard.reset();
    }
  }

  #onSettings(flags: number, payload: Buffer): void {
    if ((flags & Flag.ACK) !== 0) {
      this.#guard.frame();
      return;
    }
    const before = this.#peer;
    this.#peer = applySettings(before, payload, !this.isServer);
    this.#guard.frame(0, this.#peer.windowBytes === before.windowBytes ? 0 : this.#streams.runningCount);
    this.#owesTableSize ||= this.#peer.tableBytes < DEFAULT_TABLE_BYTES;
    this.outbox.frameBytes = this.#peer.frameBytes;
    this.outbox.reply(settingsFrame());
    const widened = this.#peer.windowBytes - before.windowBytes;
    for (const stream of widened === 0 ? [] : this.#streams.running()) {
      if (!stream.widen(widened)) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'A window is wider than there are bytes.');
      }
    }
    this.#startWaiting();
    if (!this.#hasGreeted) {
      this.#hasGreeted = true;
      this.#watch.greeted();
      this.#options.onGreeting?.();
    }
  }

  /** The peer may say it more than once: first that it takes no more, later which requests it still saw. */
  #onGoAway(lastId: number, code: number): void {
    if (this.isServer) {
      return;
    }
    this.#isClosing = true;
    const reason = code === ErrorCode.NO_ERROR ? undefined : new GoAwayReceived(code);
    this.#reason ??= reason;
    this.#options.onGoAway?.(reason);
    this.#refuse([...this.#streams.after(lastId), ...this.#streams.waiting()]);
  }

  #onWindowUpdate(streamId: number, bytes: number): void {
    if (streamId !== 0) {
      this.#streams.find(streamId)?.onWindowUpdate(bytes);
    } else if (bytes === 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'A window is widened by nothing.');
    } else if (!this.outbox.widen(bytes)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'A window is wider than there are bytes.');
    }
  }
}
