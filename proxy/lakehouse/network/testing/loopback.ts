/** Servers on loopback, which `endLoopback` stops. */
import { once } from 'node:events';
import { type Server } from 'node:net';
import { listen } from '@micromegas/http2/testing';

export { afterwards, endLoopback, listen } from '@micromegas/http2/testing';

/** A port on which nothing listens. */
export async function closedPort(server: Server): Promise<number> {
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}
