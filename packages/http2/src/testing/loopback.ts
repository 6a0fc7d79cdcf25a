/** Servers on loopback that end with the test. */
import { once } from 'node:events';
import { type Server, type Socket } from 'node:net';

const ends: Array<() => void> = [];

/** Registers what is to be done after the test. */
export function afterwards(end: () => void): void {
  ends.push(end);
}

/** To be called after each test. */
export function endLoopback(): void {
  for (const end of ends.splice(0).reverse()) {
    end();
  }
}

/** Starts a server of `node:net` or one of its relatives on a free port. It ends with its connections after the test. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
