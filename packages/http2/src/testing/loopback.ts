/** For tests: servers on loopback that stop after each test. */
import { once } from 'node:events';
import { type Server, type Socket } from 'node:net';

const cleanups: Array<() => void> = [];

/** Registers a cleanup for the end of the test. */
export function afterwards(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** Runs the cleanups, latest first. Call it after each test. */
export function endLoopback(): void {
  for (const cleanup of cleanups.splice(0).reverse()) {
    cleanup();
  }
}

/**
 * Starts a server of `node:net` or a subclass. It stops after the test, with its connections.
 *
 * @param port Default: a free port.
 * @returns The port.
 */
export async function listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  afterwards(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
