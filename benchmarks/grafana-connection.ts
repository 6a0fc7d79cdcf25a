/**
 * Grafana's one connection to a plugin, for timing: requests are bytes made beforehand, answers are counted and not
 * decoded, so that little of what is measured is this side's work. Rules: gRPC over HTTP/2.
 */
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { prefixed } from '../proxy/flight-sql/testing/http2-test-server';

const QUERY_DATA = '/pluginv2.Data/QueryData';

/** What Go's client comes to by itself after a few large answers. */
const STREAM_WINDOW_BYTES = 8 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

const PREFIX_BYTES = 5;

export class GrafanaConnection {
  readonly #session: ClientHttp2Session;

  /** @param address As grpc-js takes it: `unix:/path` or `host:port`. */
  constructor(address: string) {
    this.#session = connect('http://localhost', {
      createConnection: () => openSocket(address),
      settings: { initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.#session.once('connect', (session) => {
      if (!session.destroyed) {
        session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      }
    });
    // Its requests fail too, and are waited for.
    this.#session.on('error', () => undefined);
  }

  /** Sends a `QueryDataRequest` and waits for the end of the answer. @returns The bytes of the answer, prefix included. */
  async count(request: Uint8Array): Promise<number> {
    let bytes = 0;
    await this.#call(request, (chunk) => (bytes += chunk.length));
    return bytes;
  }

  /** The same, for the `QueryDataResponse` itself. */
  async read(request: Uint8Array): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    await this.#call(request, (chunk) => chunks.push(chunk));
    return Buffer.concat(chunks).subarray(PREFIX_BYTES);
  }

  close(): void {
    this.#session.close();
  }

  #call(request: Uint8Array, onData: (chunk: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        ':method': 'POST',
        ':path': QUERY_DATA,
        te: 'trailers',
        'content-type': 'application/grpc',
      });
      const end = (headers: IncomingHttpHeaders) => {
        const status = headers['grpc-status'];
        if (status === '0') {
          resolve();
        } else if (status !== undefined) {
          reject(new Error(`The plugin answered with status ${String(status)}: ${String(headers['grpc-message'])}`));
        }
      };
      stream.on('data', onData);
      // An error without data has its status in the headers.
      stream.once('response', end);
      stream.once('trailers', end);
      stream.once('error', reject);
      stream.once('close', () => reject(new Error('The plugin ended the call without a status.')));
      stream.end(prefixed(request));
    });
  }
}

function openSocket(address: string): ReturnType<typeof connectSocket> {
  if (address.startsWith('unix:')) {
    return connectSocket(address.slice('unix:'.length));
  }
  const colon = address.lastIndexOf(':');
  return connectSocket(Number(address.slice(colon + 1)), address.slice(0, colon));
}
