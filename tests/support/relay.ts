/** A relay between the plugin and a server. A test can freeze it: the connections stay open, but no data passes. */
import { connect as connectSocket, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Relay {
  port: number;
  /** Stops forwarding data. The connections stay open. */
  freeze(): void;
  close(): Promise<void>;
}

/**
 * Starts a TCP relay on loopback. When it is frozen, the relay behaves like a firewall that has dropped its connection
 * state.
 *
 * @param listenAt A port. Default: a free one.
 */
export async function startRelay(target: number, listenAt = 0): Promise<Relay> {
  const sockets: Socket[] = [];
  const relay: Server = createServer((near) => {
    const far = connectSocket(target, '127.0.0.1');
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => relay.listen(listenAt, '127.0.0.1', resolve));
  const { port } = relay.address() as AddressInfo;
  return {
    port,
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}
