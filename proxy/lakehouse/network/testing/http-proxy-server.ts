/** An HTTP proxy on loopback that tunnels with CONNECT and resolves every name to 127.0.0.1. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { type Duplex } from 'node:stream';
import { type TlsOptions } from 'node:tls';
import { listen } from './loopback';

export interface HttpProxyServerOptions {
  /** TLS of the HTTP proxy. Default: plaintext. */
  tls?: TlsOptions;
  /** Required value of `proxy-authorization`. Default: no value is required. */
  authorization?: string;
  /** If it is set, the proxy opens no tunnel and responds to CONNECT with this status. */
  status?: number;
}

export interface HttpProxyServer {
  port: number;
  /** `host:port` of each requested tunnel. */
  targets: string[];
}

function tunnel(
  options: HttpProxyServerOptions,
  targets: string[],
  { url = '', headers }: IncomingMessage,
  socket: Duplex
) {
  const isRejected = options.authorization !== undefined && headers['proxy-authorization'] !== options.authorization;
  const status = isRejected ? 407 : options.status;
  if (status !== undefined) {
    socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    return;
  }
  targets.push(url);
  const server = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.pipe(socket);
    socket.pipe(server);
  });
  server.on('error', () => socket.destroy());
  socket.on('error', () => server.destroy());
  socket.on('close', () => server.destroy());
}

/** Starts an HTTP proxy. `endLoopback` stops it. */
export async function startHttpProxy(options: HttpProxyServerOptions = {}): Promise<HttpProxyServer> {
  const targets: string[] = [];
  const server: Server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => tunnel(options, targets, request, socket));
  return { port: await listen(server), targets };
}
