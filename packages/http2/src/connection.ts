/**
 * One HTTP/2 connection, as client or as server, on a connected socket. Rules: RFC 9113.
 */
import { type Socket } from 'node:net';
import { FloodGuard } from './flood-guard.ts';
import { FrameReader } from './frame-reader.ts';
import { goAwayFrame, headersFrames, resetFrame, settingsFrame, windowUpdateFrame } from './frame-writer.ts';
import { HeaderBlocks, type HeaderBlock } from './header-blocks.ts';
import { readHeaders } from './headers.ts';
import { EMPTY_TABLE, encodeHeaders } from './hpack/encode-headers.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { PeerWatch, Pings } from './keepalive.ts';
import { type ConnectionOptions, type OnRequest, SYSTEM_CLOCK } from './options.ts';
import { Outbox } from './outbox.ts';
import { connectionPreface, PrefaceReader } from './preface.ts';
import {
  ConnectionError,
  DEFAULT_TABLE_BYTES,
  Http2ErrorCode,
  Flag,
  FloodError,
  FrameType,
  GoAwayError,
  MAX_STREAM_ID,
} from './protocol.ts';
import { ReceiveWindow } from './receive-window.ts';
import { applySettings, INITIAL_PEER_SETTINGS } from './settings.ts';
import { LingeringClose, readBeforeDestroy } from './socket-close.ts';
import { Http2Stream, type StreamEvents } from './stream.ts';
import { Streams } from './streams.ts';

/** The longest padding of a DATA frame has 255 bytes. One more byte contains its length (RFC 9113, section 6.1). */
const MAX_PADDING_BYTES = 256;

const TIMEOUTS = {
  handshake: 'The peer does not send its settings.',
  keepalive: 'The peer does not respond to the keepalive PING.',
} as const;

/** Milliseconds that a peer has for its connection preface. */
const HANDSHAKE_MS = 10_000;

/** A client or, with the option `onRequest`, a server. */
export class Http2Connection {
  readonly #options: ConnectionOptions;
  /** @internal */
  readonly outbox: Outbox;
  readonly isServer: boolean;
  /** @internal */
  readonly windowBytes: number;
  readonly #socket: Socket;
  readonly #preface: PrefaceReader;
  readonly #reader: FrameReader;
  readonly #blocks: HeaderBlocks;
  readonly #streams: Streams;
  readonly #window: ReceiveWindow;
  readonly #guard: FloodGuard;
  readonly #watch: PeerWatch;
  readonly #lingeringClose: LingeringClose;
  readonly #pings: Pings;
  #peer = INITIAL_PEER_SETTINGS;
  #hasPeerSettings = false;
  /** True if the next header block must begin with a table size update to 0. */
  #needsSizeUpdate = false;
  #isClosing = false;
  #isGone = false;
  #reason: unknown;
  /** The number of requests whose handlers have not finished. */
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
    this.#lingeringClose = new LingeringClose(socket, clock);
    this.#watch = new PeerWatch({
      clock,
      handshakeMs: HANDSHAKE_MS,
      keepalive,
      bytesRead: () => socket.bytesRead,
      ping: (onAck) => this.ping(onAck),
      onTimeout: (kind) => this.#fail(new ConnectionError(Http2ErrorCode.SETTINGS_TIMEOUT, TIMEOUTS[kind])),
    });
    this.outbox = new Outbox(
      socket,
      (kind) => {
        this.#reader.stop();
        // Deferred, because the stream must not close while its user is sending on it.
        process.nextTick(() => this.#fail(new FloodError(kind)));
      },
      (bytes) => this.#guard.dataSent(bytes)
    );
    this.#pings = new Pings(this.outbox);
    this.#preface = new PrefaceReader(this.isServer);
    this.#reader = new FrameReader(this, limits.frameBytes);
    this.#blocks = new HeaderBlocks(limits.headerListBytes);
    this.outbox.add(connectionPreface(limits, this.isServer));
    const onBytes = (chunk: Buffer) => this.#receive(chunk);
    if (source === undefined) {
      socket.on('data', onBytes);
    } else {
      // Deferred, because the callbacks need the connection that this constructor returns.
      process.nextTick(() => source.sendTo(onBytes));
    }
    socket.on('error', (reason) => (this.#reason ??= reason));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#watch.stop();
      this.#lingeringClose.stop();
      this.outbox.socketClosed();
      this.#gone();
    });
  }

  /** False once the connection is closed. */
  get isAlive(): boolean {
    return !this.#isGone && !this.#socket.destroyed;
  }

  /** True while this side may start new requests on the connection. */
  get isUsable(): boolean {
    return this.isAlive && !this.#isClosing && this.#socket.writable && this.#streams.hasIds;
  }

  /** The number of open streams plus the number of requests that wait for the peer's stream limit. */
  get streamCount(): number {
    return this.#streams.count;
  }

  /**
   * Starts a request. Send its body with `write` and `end` of the stream.
   *
   * The request waits while the peer's limit for concurrent streams is reached. If this connection cannot send the
   * request, the stream is closed with REFUSED_STREAM, and the caller may retry the request on another connection.
   *
   * @param fields Pseudo-headers first: `:method`, `:scheme`, `:path`, `:authority`. Names in lower case.
   * @throws {RangeError} for a name or value with NUL, a line break, or a character above U+00FF.
   */
  request(fields: Iterable<HeaderField>, events: StreamEvents): Http2Stream {
    const list = Array.from(fields);
    const block = encodeHeaders(list);
    const stream = new Http2Stream(
      this,
      list.some(([name, value]) => name === ':method' && value === 'HEAD')
    );
    stream.events = events;
    if (this.isUsable) {
      this.#streams.addWaiting(stream, block);
      this.#openWaiting();
    } else {
      // Deferred, so that the caller has the stream before its callback runs.
      process.nextTick(() => stream.close(Http2ErrorCode.REFUSED_STREAM));
    }
    return stream;
  }

  /** Sends a PING. @param onAck Called when the peer has responded; never if the connection closes first. */
  ping(onAck: () => void): void {
    this.#pings.send(onAck);
  }

  /** Makes the socket keep the process alive, which is the default. */
  ref(): void {
    this.#socket.ref();
  }

  /** Lets the process end while the socket is open. */
  unref(): void {
    this.#socket.unref();
  }

  /**
   * Closes the connection once its open streams have ended. New and waiting requests are closed with REFUSED_STREAM.
   */
  close(): void {
    if (!this.#isClosing && this.isAlive) {
      this.#isClosing = true;
      this.outbox.add([goAwayFrame(this.#streams.lastPeerId, Http2ErrorCode.NO_ERROR)]);
      this.#reject(this.#streams.waiting());
    }
  }

  /**
   * Closes the connection as `close` does, but accepts the requests that the peer sends until it has read that the
   * connection closes.
   *
   * @returns A promise that resolves when later requests are rejected, because the peer has responded, or when the
   *   connection has ended. Without a response it does not resolve: limit the wait, and then call `close`.
   */
  drain(): Promise<void> {
    if (this.#isClosing || !this.isAlive) {
      return Promise.resolve();
    }
    this.outbox.add([goAwayFrame(MAX_STREAM_ID, Http2ErrorCode.NO_ERROR)]);
    return new Promise((resolve) => {
      this.#socket.once('close', resolve);
      this.ping(() => {
        this.close();
        resolve();
      });
    });
  }

  /** Closes the connection and its streams immediately. @param reason Passed to `onClose`. */
  destroy(reason?: unknown): void {
    this.#reason ??= reason;
    this.#reader.stop();
    this.#socket.destroy();
  }

  // StreamOwner

  /** @internal */
  headersFrames(streamId: number, block: Buffer, isEnd: boolean): Buffer[] {
    // A peer that made its table smaller expects an update of the table size (RFC 7541, section 4.2).
    const whole = this.#needsSizeUpdate ? Buffer.concat([EMPTY_TABLE, block]) : block;
    this.#needsSizeUpdate = false;
    return headersFrames(streamId, whole, isEnd, this.outbox.frameBytes);
  }

  /** @internal */
  onStreamClosed(stream: Http2Stream): void {
    this.#streams.remove(stream);
    this.outbox.drop(stream);
    if (!stream.isRemoteEnded && !stream.isReset) {
      this.#guard.allowLateData(stream.windowBytes);
    }
    this.#openWaiting();
    this.#endIfDone();
  }

  /** @internal */
  onStreamError(): void {
    this.#guard.countReset();
  }

  // FrameSink

  /** @internal */
  onDataFrame(streamId: number, length: number, flags: number): void {
    this.#requirePeerSettings();
    this.#blocks.requireComplete();
    if (!this.#window.count(length)) {
      throw new ConnectionError(Http2ErrorCode.FLOW_CONTROL_ERROR, 'The peer sends more than the window allows.');
    }
    const bytes = this.#window.reopen();
    if (bytes > 0) {
      this.outbox.add([windowUpdateFrame(0, bytes)]);
    }
    const stream = this.#receiver(streamId);
    if (stream === undefined) {
      this.#guard.countLateData(length);
    } else {
      if ((flags & Flag.END_STREAM) === 0) {
        this.#guard.countData((flags & Flag.PADDED) === 0 ? length : length - MAX_PADDING_BYTES);
      }
      stream.onDataFrame(length);
    }
  }

  /** @internal */
  onData(streamId: number, bytes: Uint8Array): void {
    this.#streams.get(streamId)?.onData(bytes);
  }

  /** @internal */
  onDataFrameEnd(flags: number, streamId: number): void {
    if ((flags & Flag.END_STREAM) !== 0) {
      this.#streams.get(streamId)?.onRemoteEnd();
    }
  }

  /** @internal */
  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (type === FrameType.GOAWAY && !this.#hasPeerSettings) {
      // A GOAWAY before SETTINGS violates the protocol, but the code in the GOAWAY tells why the settings are missing.
      throw new GoAwayError(payload.readUInt32BE(4));
    }
    if (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0) {
      this.#requirePeerSettings();
    }
    const block = this.#blocks.push(type, flags, streamId, payload);
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
        this.#guard.countFrame();
        this.#pings.onFrame(flags, payload);
        return;
      case FrameType.GOAWAY:
        this.#guard.countFrame(payload.length, this.#streams.count);
        this.#onGoAway(payload.readUInt32BE(0) & 0x7fff_ffff, payload.readUInt32BE(4));
        return;
      case FrameType.WINDOW_UPDATE:
        this.#guard.countFrame();
        this.#onWindowUpdate(streamId, payload.readUInt32BE(0) & 0x7fff_ffff);
        return;
      case FrameType.PUSH_PROMISE:
        throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'Push is disabled.');
      default:
        // These frames are only counted: PRIORITY, which is deprecated (RFC 9113, section 5.3.2), unknown frames
        // (section 4.1), and all frames of a header block except the last one.
        this.#guard.countFrame(payload.length);
    }
  }

  #requirePeerSettings(): void {
    if (!this.#hasPeerSettings) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'The first frame is not SETTINGS.');
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#isGone) {
      this.#lingeringClose.drop(chunk.length);
      return;
    }
    try {
      this.#reader.push(this.#preface.strip(chunk));
    } catch (reason) {
      // Errors of callbacks are caught here too. If they were not caught, they would end the process.
      this.#reason ??= reason;
      const isConnectionError = reason instanceof ConnectionError;
      this.#fail(
        isConnectionError
          ? reason
          : new ConnectionError(Http2ErrorCode.INTERNAL_ERROR, 'A received frame caused an error.')
      );
    }
  }

  /** Sends GOAWAY with the reason, and closes all streams. */
  #fail(reason: ConnectionError): void {
    if (this.#isGone) {
      return;
    }
    this.#reason ??= reason;
    this.outbox.add([goAwayFrame(this.#streams.lastPeerId, reason.code)]);
    this.#end();
    this.#gone();
  }

  /** Ends the sending side. */
  #end(): void {
    this.#watch.stop();
    this.outbox.close();
    this.#lingeringClose.start();
  }

  #gone(): void {
    if (this.#isGone) {
      return;
    }
    this.#isGone = true;
    this.#isClosing = true;
    this.#reader.stop();
    this.#options.onClose?.(this.#reason);
    this.#reject(this.#streams.waiting());
    for (const stream of this.#streams.open()) {
      stream.close(undefined);
    }
  }

  #endIfDone(): void {
    if (this.#isClosing && this.streamCount === 0 && this.isAlive) {
      this.#end();
    }
  }

  #openWaiting(): void {
    while (this.isUsable && this.#streams.openCount < this.#peer.maxStreams) {
      const opened = this.#streams.openNext();
      if (opened === undefined) {
        return;
      }
      const [stream, id, block] = opened;
      stream.begin(id, block, this.#peer.windowBytes);
    }
    if (!this.#streams.hasIds) {
      this.close();
    }
  }

  /** Closes requests that the peer has not processed. */
  #reject(streams: readonly Http2Stream[]): void {
    streams.forEach((stream) => stream.close(Http2ErrorCode.REFUSED_STREAM));
    this.#endIfDone();
  }

  /**
   * The stream of a HEADERS or DATA frame; undefined if the stream is closed.
   * @throws {ConnectionError} if the stream is idle, or the peer had ended it.
   */
  #receiver(streamId: number): Http2Stream | undefined {
    const stream = this.#streams.get(streamId);
    if (stream === undefined && this.#streams.isContentAfterReset(streamId)) {
      this.outbox.reply(resetFrame(streamId, Http2ErrorCode.STREAM_CLOSED));
    }
    return stream;
  }

  #onHeaders({ streamId, fields, isEnd, bytes }: HeaderBlock): void {
    if (this.#options.onRequest !== undefined && this.#streams.isNewRequest(streamId)) {
      this.#guard.countRequestHeaders(bytes);
      this.#onRequest(this.#options.onRequest, streamId, fields, isEnd);
      return;
    }
    // A header block that ends an open stream is not counted, because a stream has only one such block. All other
    // header blocks are counted.
    const stream = this.#receiver(streamId);
    if (stream === undefined || !isEnd) {
      this.#guard.countFrame(bytes);
    }
    stream?.onHeaders(fields, isEnd);
  }

  #onRequest(onRequest: OnRequest, streamId: number, fields: HeaderBlock['fields'], isEnd: boolean): void {
    const { maxStreams } = this.#options.limits;
    const headers = fields === undefined ? undefined : readHeaders(fields, 'request');
    if (this.#isClosing || this.#streams.openCount >= maxStreams || this.#unfinishedCount >= maxStreams) {
      this.#rejectRequest(streamId, Http2ErrorCode.REFUSED_STREAM);
    } else if (headers === undefined) {
      this.#rejectRequest(
        streamId,
        fields === undefined ? Http2ErrorCode.ENHANCE_YOUR_CALM : Http2ErrorCode.PROTOCOL_ERROR
      );
    } else {
      const stream = new Http2Stream(this);
      this.#streams.accept(streamId, stream);
      stream.accept(streamId, headers, isEnd, this.#peer.windowBytes);
      this.#countUntil(onRequest(stream, headers));
      if (isEnd) {
        stream.onRemoteEnd();
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

  #rejectRequest(streamId: number, code: number): void {
    this.#streams.accept(streamId, undefined);
    this.outbox.reply(resetFrame(streamId, code));
    this.#guard.allowLateData(this.windowBytes);
    this.#guard.countReset();
  }

  #onReset(streamId: number, code: number): void {
    const stream = this.#streams.getUnlessIdle(streamId);
    if (stream === undefined) {
      this.#guard.countFrame();
      return;
    }
    stream.onReset(code);
    if (this.isServer) {
      this.#guard.countReset();
    }
  }

  #onSettings(flags: number, payload: Buffer): void {
    if ((flags & Flag.ACK) !== 0) {
      this.#guard.countFrame();
      return;
    }
    const before = this.#peer;
    this.#peer = applySettings(before, payload, !this.isServer);
    this.#guard.countFrame(0, this.#peer.windowBytes === before.windowBytes ? 0 : this.#streams.openCount);
    this.#needsSizeUpdate ||= this.#peer.tableBytes < DEFAULT_TABLE_BYTES;
    this.outbox.frameBytes = this.#peer.frameBytes;
    this.outbox.reply(settingsFrame());
    this.#changeSendWindows(this.#peer.windowBytes - before.windowBytes);
    this.#openWaiting();
    if (!this.#hasPeerSettings) {
      this.#hasPeerSettings = true;
      this.#watch.handshakeDone();
      this.#options.onReady?.();
    }
  }

  #changeSendWindows(bytes: number): void {
    for (const stream of bytes === 0 ? [] : this.#streams.open()) {
      if (!stream.changeSendWindow(bytes)) {
        throw new ConnectionError(Http2ErrorCode.FLOW_CONTROL_ERROR, 'A window exceeds its maximum.');
      }
    }
  }

  /** A server may send GOAWAY twice: first to announce the end, then with the last request that it has processed. */
  #onGoAway(lastId: number, code: number): void {
    if (this.isServer) {
      return;
    }
    this.#isClosing = true;
    const reason = code === Http2ErrorCode.NO_ERROR ? undefined : new GoAwayError(code);
    this.#reason ??= reason;
    this.#options.onGoAway?.(reason);
    this.#reject([...this.#streams.after(lastId), ...this.#streams.waiting()]);
  }

  #onWindowUpdate(streamId: number, bytes: number): void {
    if (streamId !== 0) {
      this.#streams.getUnlessIdle(streamId)?.onWindowUpdate(bytes);
    } else if (bytes === 0) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'A WINDOW_UPDATE frame has an increment of 0.');
    } else if (!this.outbox.openWindow(bytes)) {
      throw new ConnectionError(Http2ErrorCode.FLOW_CONTROL_ERROR, 'A window exceeds its maximum.');
    }
  }
}
