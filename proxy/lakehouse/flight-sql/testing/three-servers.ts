/**
 * Three Flight SQL servers with one port and three loopback addresses, to which one host name resolves. Only for Linux.
 */
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type Server, type Socket } from 'node:net';
import { listen } from '../../network/testing/loopback';
import { ServerAddresses } from '../../network/server-addresses';
import { conclude, SCHEMA_MESSAGE } from './http2-test-server';

export const HOST = 'lake.test';

export class OneOfThree {
  readonly address: string;
  readonly #server: Server;
  readonly sockets = new Set<Socket>();
  /** The number of connections so far. */
  connections = 0;
  sessions: ServerHttp2Session[] = [];
  calls: ServerHttp2Stream[] = [];
  /** Handles each call. Default: sends a result without rows. */
  onCall: (stream: ServerHttp2Stream) => void = (stream) => conclude(stream, SCHEMA_MESSAGE, { 'grpc-status': '0' });

  constructor(address: string) {
    this.address = address;
    const server = createServer();
    server.on('connection', (socket: Socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('session', (session: ServerHttp2Session) => {
      this.sessions.push(session);
      session.on('error', () => undefined);
    });
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.on('error', () => undefined);
      stream.resume();
      this.calls.push(stream);
      this.onCall(stream);
    });
    this.#server = server;
  }

  listen(port: number): Promise<number> {
    return listen(this.#server, this.address, port);
  }

  /** Ends the server like a killed process: connections are reset, and nothing listens. */
  kill(): void {
    this.#server.close();
    this.sockets.forEach((socket) => socket.resetAndDestroy());
  }
}

export interface ThreeServers {
  servers: [OneOfThree, OneOfThree, OneOfThree];
  port: number;
  /** The number of lookups of the name. */
  lookups: () => number;
  /** Resolves the name to the addresses of the servers. */
  addresses: ServerAddresses;
}

export async function startThreeServers(): Promise<ThreeServers> {
  const servers: ThreeServers['servers'] = [
    new OneOfThree('127.0.0.1'),
    new OneOfThree('127.0.0.2'),
    new OneOfThree('127.0.0.3'),
  ];
  const [first, ...others] = servers;
  const port = await first.listen(0);
  await Promise.all(others.map((server) => server.listen(port)));
  let lookups = 0;
  const addresses = new ServerAddresses({
    resolve: async () => {
      lookups++;
      return servers.map(({ address }) => ({ address, family: 4 }));
    },
  });
  return {
    servers,
    port,
    lookups: () => lookups,
    addresses,
  };
}
