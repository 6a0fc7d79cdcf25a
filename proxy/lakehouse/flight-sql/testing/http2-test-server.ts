/**
 * A bare HTTP/2 server on loopback, for responses that no gRPC library sends: malformed responses, and streams that are
 * reset, for example with REFUSED_STREAM.
 */
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type TlsOptions } from 'node:tls';
import { listen } from '../../network/testing/loopback';
import { flightData, SCHEMA } from './flight-test-server';

export interface Http2TestServer {
  port: number;
  /** All connections that were opened, including the closed ones. */
  sessions: ServerHttp2Session[];
  /** Headers of all calls. */
  calls: IncomingHttpHeaders[];
}

export const GRPC_HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };

/** A gRPC message with its prefix. @param flag 1 for a compressed message. */
export function prefixed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5, flag);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The first message of every result. */
export const SCHEMA_MESSAGE = prefixed(flightData(SCHEMA));

/** Sends the bytes, and ends the call with the trailers, if any. */
export function conclude(stream: ServerHttp2Stream, bytes: Uint8Array, trailers?: OutgoingHttpHeaders): void {
  if (!stream.headersSent) {
    stream.respond(GRPC_HEADERS, { waitForTrailers: trailers !== undefined });
  }
  if (trailers !== undefined) {
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  }
  stream.end(bytes);
}

/** Starts a server. `endLoopback` stops it. */
export async function startHttp2Server(
  onCall: (stream: ServerHttp2Stream, callNumber: number) => void,
  tls?: TlsOptions
): Promise<Http2TestServer> {
  const sessions: ServerHttp2Session[] = [];
  const calls: IncomingHttpHeaders[] = [];
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on('session', (session: ServerHttp2Session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    stream.resume();
    calls.push(headers);
    onCall(stream, calls.length);
  });
  return { port: await listen(server), sessions, calls };
}
