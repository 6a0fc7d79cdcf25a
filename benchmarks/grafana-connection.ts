/**
 * Grafana's connection to a plugin, for measurements. To add little to the measured time, the client sends requests
 * that were encoded beforehand, and counts the bytes of responses without decoding them. Protocol: gRPC over HTTP/2.
 */
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { prefixed } from '../proxy/lakehouse/flight-sql/testing/http2-test-server';

const QUERY_DATA = '/pluginv2.Data/QueryData';

/** Window sizes that the dynamic flow control of Go's client reaches after a few large responses. */
const STREAM_WINDOW_BYTES = 8 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

const PREFIX_BYTES = 5;

export class GrafanaConnection {
  readonly #session: ClientHttp2Session;

  /** @param address `unix:/path` or `host:port`, as for grpc-js. */
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
    // The error is ignored here: each request of the failed connection also fails, and reports the error.
    this.#session.on('error', () => undefined);
  }

  /** Sends a `QueryDataRequest`. @returns The number of bytes of the complete response, with its gRPC prefix. */
  async count(request: Uint8Array): Promise<number> {
    let bytes = 0;
    await this.#call(request, (chunk) => (bytes += chunk.length));
    return bytes;
  }

  /** Sends a `QueryDataRequest`. @returns The encoded `QueryDataResponse`. */
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
          reject(new Error(`The plugin responded with status ${String(status)}: ${String(headers['grpc-message'])}`));
        }
      };
      stream.on('data', onData);
      // If a call fails and has no response message, its status is in the headers, not in the trailers.
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
