/**
 * A Flight SQL server that costs next to nothing, so that what a measurement sees is its client: results are kept as the
 * bytes that travel, and a request is little more than their writing. Rules: gRPC over HTTP/2 and Flight SQL.
 */
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { DO_GET, GET_FLIGHT_INFO } from '../../proxy/flight-sql/flight-messages';
import { GRPC_HEADERS, prefixed } from '../../proxy/flight-sql/testing/http2-test-server';
import { flightInfo, statementOfDescriptor, statementOfTicket } from './flight-sql-messages';
import { ResultStore } from './result-store';

/** Length of the prefix of a gRPC message: a flag and four bytes of length. */
const PREFIX_BYTES = 5;

/** Node refuses calls on a connection to which much is still to be sent: above this, where a client has only one. */
const SESSION_MEMORY_MB = 10_000;

const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

/** What a request is answered with. */
interface Answer {
  messages: readonly Uint8Array[];
  status: number;
  text?: string;
}

function failed(status: number, text: string): Answer {
  return { messages: [], status, text };
}

function answerTo(headers: IncomingHttpHeaders, request: Uint8Array, results: ResultStore): Answer {
  const message = request.subarray(PREFIX_BYTES);
  if (headers[':path'] === GET_FLIGHT_INFO) {
    return { messages: [prefixed(flightInfo(statementOfDescriptor(message)))], status: 0 };
  }
  if (headers[':path'] !== DO_GET) {
    return failed(UNIMPLEMENTED, 'This server knows GetFlightInfo and DoGet.');
  }
  const messages = results.find(statementOfTicket(message), headers['preserve_dictionary'] === 'true');
  return messages === undefined ? failed(INVALID_ARGUMENT, 'There is no such table.') : { messages, status: 0 };
}

function send(stream: ServerHttp2Stream, { messages, status, text = '' }: Answer): void {
  if (stream.destroyed) {
    return;
  }
  stream.respond(GRPC_HEADERS, { waitForTrailers: true });
  stream.once('wantTrailers', () =>
    stream.sendTrailers({ 'grpc-status': String(status), 'grpc-message': encodeURIComponent(text) })
  );
  // The buffers are those of the store: however slow the client is, waiting takes no memory.
  messages.forEach((message) => stream.write(message));
  stream.end();
}

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, results: ResultStore): void {
  const chunks: Uint8Array[] = [];
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  stream.once('end', () => {
    try {
      send(stream, answerTo(headers, Buffer.concat(chunks), results));
    } catch (reason) {
      send(stream, failed(INVALID_ARGUMENT, String(reason)));
    }
  });
}

/** Listens on loopback. @returns The port. */
export function startFlightServer(): Promise<number> {
  const results = new ResultStore();
  const server = createServer({ maxSessionMemory: SESSION_MEMORY_MB });
  server.on('session', (session: ServerHttp2Session) => session.on('error', () => undefined));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => serve(stream, headers, results));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
