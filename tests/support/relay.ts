/**
 * A relay between the plugin and a server. A test can freeze it: the connections stay open, but no data passes. It can
 * also reset the connections.
 */
import { connect as connectSocket, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Relay {
  port: number;
  /** Stops forwarding data. The connections stay open. */
  freeze(): void;
  /** Ends all connections with a TCP reset. The relay accepts new ones. */
  reset(): void;
  /** Ends all connections, and from now on closes new ones at once, like a proxy without its server. */
  lose(): void;
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
  let isLost = false;
  const relay: Server = createServer((near) => {
    if (isLost) {
      near.destroy();
      return;
    }
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
    reset: () => sockets.splice(0).forEach((socket) => socket.resetAndDestroy()),
    lose() {
      isLost = true;
      sockets.splice(0).forEach((socket) => socket.destroy());
    },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}
