/** The options of a connection. */
import { type Socket } from 'node:net';
import { type ByteSource } from './byte-source.ts';
import { type Headers } from './headers.ts';
import { type GoAwayError } from './protocol.ts';
import { type Http2Stream } from './stream.ts';

/** The clock of a connection. Tests pass their own clock instead of waiting. */
export interface Clock {
  /** Monotonic time in milliseconds, since an arbitrary moment. */
  nowMs(): number;
  /** Calls back once, after `ms` milliseconds. @returns A function that cancels the call. */
  after(ms: number, callback: () => void): () => void;
}

/** The clock of the process. Its timers do not keep the process alive. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Limits for what the peer sends. They are announced to the peer in the connection preface. */
export interface ConnectionLimits {
  /** Receive window of each stream in bytes: at least 65,535, the initial window of HTTP/2. */
  streamWindowBytes: number;
  /** Receive window of the connection in bytes: at least 65,535. */
  connectionWindowBytes: number;
  /** Longest frame: 16,384 to 16,777,215 bytes. */
  frameBytes: number;
  /** Longest list of header fields: the sum of name, value and 32 bytes for each field (RFC 9113, section 6.5.2). */
  headerListBytes: number;
  /** Maximum number of concurrent requests of the peer. Only servers use this limit. */
  maxStreams: number;
}

/** Detects a peer that disappeared without closing the connection. */
export interface Keepalive {
  /** The connection sends a PING if it received nothing during an interval of this many milliseconds. */
  intervalMs: number;
  /** Time limit, in milliseconds, for the peer to respond to the PING. */
  timeoutMs: number;
}

/**
 * Handles a request.
 * @returns A promise that settles when all work for the request has ended; undefined if there is no further work.
 */
export type OnRequest = (stream: Http2Stream, headers: Headers) => Promise<unknown> | void;

/** The options of a connection. A connection with `onRequest` is a server, and a connection without it is a client. */
export interface ConnectionOptions {
  /** A connected socket. The connection closes it. */
  socket: Socket;
  /** Delivers the received bytes. Default: the `data` events of the socket. */
  source?: ByteSource | undefined;
  limits: ConnectionLimits;
  /** Default: `SYSTEM_CLOCK`. */
  clock?: Clock | undefined;
  /** Default: no keepalive. */
  keepalive?: Keepalive | undefined;
  /**
   * Makes the connection a server. Called with each accepted request. The callback must set `stream.events` before it
   * calls methods of the stream. A request counts against `maxStreams` until the returned promise settles, even after
   * its stream has closed.
   */
  onRequest?: OnRequest;
  /** Called when the first SETTINGS frame of the peer has arrived. */
  onReady?: () => void;
  /** Called when the peer no longer accepts requests. @param reason Undefined for a GOAWAY frame without an error. */
  onGoAway?: (reason: GoAwayError | undefined) => void;
  /**
   * Called when the connection is closed, before `onClose` of its open streams.
   *
   * @param reason A `ConnectionError`, the error of the socket or of a callback, or the argument of `destroy`;
   *   undefined for a regular end.
   */
  onClose?: (reason: unknown) => void;
}
