/**
 * A Flight SQL server that adds little to the measured time: it caches results as encoded messages, and only writes
 * these messages to respond to a request. Protocols: gRPC over HTTP/2, and Flight SQL.
 */
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { DO_GET, GET_FLIGHT_INFO } from '../../proxy/lakehouse/flight-sql/flight-messages';
import { GRPC_HEADERS, prefixed } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { flightInfo, statementOfDescriptor, statementOfTicket } from './flight-sql-messages';
import { ResultStore } from './result-store';

/** The prefix of a gRPC message: one byte of flags, four bytes of length. */
const PREFIX_BYTES = 5;

/**
 * If a connection has more unsent data than this, Node.js rejects calls on the connection. Some clients send all calls
 * on one connection, so the limit is high.
 */
const SESSION_MEMORY_MB = 10_000;

const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

interface Response {
  messages: readonly Uint8Array[];
  status: number;
  message?: string;
}

function failed(status: number, message: string): Response {
  return { messages: [], status, message };
}

function respondTo(headers: IncomingHttpHeaders, request: Uint8Array, results: ResultStore): Response {
  const message = request.subarray(PREFIX_BYTES);
  if (headers[':path'] === GET_FLIGHT_INFO) {
    return { messages: [prefixed(flightInfo(statementOfDescriptor(message)))], status: 0 };
  }
  if (headers[':path'] !== DO_GET) {
    return failed(UNIMPLEMENTED, 'This server implements GetFlightInfo and DoGet only.');
  }
  const messages = results.find(statementOfTicket(message), headers['preserve_dictionary'] === 'true');
  return messages === undefined ? failed(INVALID_ARGUMENT, 'There is no such table.') : { messages, status: 0 };
}

function send(stream: ServerHttp2Stream, { messages, status, message: reason = '' }: Response): void {
  if (stream.destroyed) {
    return;
  }
  stream.respond(GRPC_HEADERS, { waitForTrailers: true });
  stream.once('wantTrailers', () =>
    stream.sendTrailers({ 'grpc-status': String(status), 'grpc-message': encodeURIComponent(reason) })
  );
  // Backpressure is not needed, because the buffers belong to the store and take no additional memory while they wait.
  messages.forEach((message) => stream.write(message));
  stream.end();
}

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, results: ResultStore): void {
  const chunks: Uint8Array[] = [];
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  stream.once('end', () => {
    try {
      send(stream, respondTo(headers, Buffer.concat(chunks), results));
    } catch (reason) {
      send(stream, failed(INVALID_ARGUMENT, String(reason)));
    }
  });
}

/** Listens on a loopback address. @param port 0 for a free port. @returns The port. */
export function startFlightServer(address: string, port: number): Promise<number> {
  const results = new ResultStore();
  const server = createServer({ maxSessionMemory: SESSION_MEMORY_MB });
  server.on('session', (session: ServerHttp2Session) => session.on('error', () => undefined));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => serve(stream, headers, results));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });
}
