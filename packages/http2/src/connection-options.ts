/** What a connection is given by whoever makes it. */
import { type Socket } from 'node:net';
import { type ByteSource } from './byte-source.ts';
import { type Clock } from './clock.ts';
import { type ConnectionLimits } from './greeting.ts';
import { type Headers } from './headers.ts';
import { type Keepalive } from './peer-watch.ts';
import { type GoAwayReceived } from './protocol.ts';
import { type Http2Stream } from './stream.ts';

export { type Keepalive } from './peer-watch.ts';

/** What a server does for a request. @returns What settles when nothing works for the request any more. */
export type OnRequest = (stream: Http2Stream, headers: Headers) => Promise<unknown> | void;

export interface ConnectionOptions {
  socket: Socket;
  /** Where the socket's bytes come from, if not from its `data` events. */
  source?: ByteSource | undefined;
  limits: ConnectionLimits;
  clock?: Clock | undefined;
  /** Looks for peers that are gone without a trace. Default: none. */
  keepalive?: Keepalive | undefined;
  /**
   * Makes this side the server: called with each request. Must set the stream's `events` before anything else. A request
   * counts against `maxStreams` until the promise settles, even when its stream is closed.
   */
  onRequest?: OnRequest;
  /** The peer's first settings have come: it speaks HTTP/2. */
  onGreeting?: () => void;
  /** The peer takes no more requests. @param reason Undefined when it only goes. */
  onGoAway?: (reason: GoAwayReceived | undefined) => void;
  /** The connection is gone, and its streams are told next. @param reason Undefined when it ended as it should. */
  onClose?: (reason: unknown) => void;
}
