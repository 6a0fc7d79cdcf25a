/**
 * A SOCKS5 proxy on loopback that resolves every name to 127.0.0.1. It shares no code with the client. On loopback each
 * step of the negotiation arrives as one packet, so packets are read as whole messages.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { listen } from './loopback';

export interface SocksServerOptions {
  /** TLS of the SOCKS proxy. Default: plaintext. */
  tls?: TlsOptions;
  /** Required user and password. Default: none. */
  user?: { name: string; password: string };
  /** Code of the reply to CONNECT. If it is set, the proxy opens no connection. */
  reply?: number;
  /** True: accepts connections and sends nothing. */
  isSilent?: boolean;
  /**
   * True: sends the reply to CONNECT and the first bytes of the server in one packet, as happens with a fast server.
   */
  joinsFirstBytes?: boolean;
}

export interface SocksServer {
  port: number;
  /** `host:port` of each requested connection. */
  targets: string[];
}

async function packet(socket: Socket): Promise<Buffer> {
  const [bytes]: unknown[] = await once(socket, 'data');
  return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
}

function readTarget(request: Buffer): { host: string; port: number } {
  const port = request.readUInt16BE(request.length - 2);
  const address = request.subarray(4, -2);
  switch (request[3]) {
    case 1:
      return { host: [...address].join('.'), port };
    case 3:
      return { host: address.subarray(1).toString(), port };
    default:
      return { host: address.toString('hex'), port };
  }
}

async function signsIn(socket: Socket, { user }: SocksServerOptions, methods: Buffer): Promise<boolean> {
  if (user === undefined) {
    socket.write(Buffer.of(5, 0));
    return true;
  }
  if (!methods.subarray(2).includes(2)) {
    socket.write(Buffer.of(5, 0xff));
    return false;
  }
  socket.write(Buffer.of(5, 2));
  const request = await packet(socket);
  const nameEnd = 2 + (request[1] ?? 0);
  const isRight =
    request.subarray(2, nameEnd).toString() === user.name && request.subarray(nameEnd + 1).toString() === user.password;
  socket.write(Buffer.of(1, isRight ? 0 : 1));
  return isRight;
}

async function serve(socket: Socket, options: SocksServerOptions, targets: string[]): Promise<void> {
  const methods = await packet(socket);
  if (options.isSilent === true) {
    return;
  }
  if (!(await signsIn(socket, options, methods))) {
    socket.end();
    return;
  }
  const { host, port } = readTarget(await packet(socket));
  targets.push(`${host}:${port}`);
  const reply = Buffer.of(5, options.reply ?? 0, 0, 1, 127, 0, 0, 1, 0, 0);
  if (options.reply !== undefined) {
    socket.end(reply);
    return;
  }
  const server = connect(port, '127.0.0.1');
  server.on('error', () => socket.destroy());
  socket.on('close', () => server.destroy());
  server.on('close', () => socket.destroy());
  await once(server, 'connect');
  const first = options.joinsFirstBytes === true ? await packet(server) : Buffer.alloc(0);
  socket.write(Buffer.concat([reply, first]));
  server.pipe(socket);
  socket.pipe(server);
}

/** Starts a SOCKS proxy. `endLoopback` stops it. */
export async function startSocksServer(options: SocksServerOptions = {}): Promise<SocksServer> {
  const targets: string[] = [];
  const take = (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket, options, targets).catch(() => socket.destroy());
  };
  const server = options.tls === undefined ? createServer(take) : createTlsServer(options.tls, take);
  return { port: await listen(server), targets };
}
