/**
 * Finds a place to listen and opens it.
 *
 * For Grafana that is a unix socket in a folder of its own in the system's temp folder, which only this user can enter:
 * the channel has no sign-in. Loopback TCP, which every local user can reach, is for systems where the socket fails.
 * As a sidecar it is the place that the administrator named.
 */
import { chmodSync, mkdtempSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger } from '../logging/logger';
import { type GrpcServer } from './grpc-server';
import { type ListenAddress, type PortRange } from './start-mode';

/** What the shortest `sockaddr_un` of the supported systems (macOS: 104 bytes) holds with its terminator. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Ports that are tried before giving up. */
const MAX_PORTS_TRIED = 100;

export interface Listener {
  address: ListenAddress;
  /** Removes what was made on disk. May be called at any time, also while the process exits. */
  remove(): void;
}

export interface PluginListenerOptions {
  server: GrpcServer;
  ports: PortRange;
  logger: Logger;
  platform?: NodeJS.Platform;
  /** Folders for the socket, best first. By default the system's temp folder, then /tmp. */
  folders?: readonly string[];
}

/** Listens where Grafana is told in the handshake. */
export async function openPluginListener(options: PluginListenerOptions): Promise<Listener> {
  const { server, ports, logger } = options;
  const folders = (options.platform ?? process.platform) === 'win32' ? [] : (options.folders ?? [tmpdir(), '/tmp']);
  for (const folder of folders) {
    try {
      return await listenInFolder(server, folder);
    } catch (error) {
      logger.warn('No unix socket can be made here', { folder, error });
    }
  }
  return listenInRange(server, ports);
}

async function listenInFolder(server: GrpcServer, parent: string): Promise<Listener> {
  const folder = mkdtempSync(join(parent, 'micromegas-'));
  const path = join(folder, 'proxy.sock');
  const remove = () => {
    rmSync(path, { force: true });
    removeFolder(folder);
  };
  try {
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
      throw new Error(`The path ${path} is too long for a unix socket.`);
    }
    await server.listen({ path });
  } catch (reason) {
    remove();
    throw reason;
  }
  return { address: { network: 'unix', path }, remove };
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Already gone, or somebody put a file into it: neither is worth a failing exit.
  }
}

async function listenInRange(server: GrpcServer, { first, last }: PortRange): Promise<Listener> {
  const host = '127.0.0.1';
  const count = last - first + 1;
  const start = Math.floor(Math.random() * count);
  for (let tried = 0; tried < Math.min(count, MAX_PORTS_TRIED); tried++) {
    const port = first + ((start + tried) % count);
    try {
      await server.listen({ host, port });
      return { address: { network: 'tcp', host, port }, remove: () => undefined };
    } catch (reason) {
      if (!isAddressInUse(reason)) {
        throw reason;
      }
    }
  }
  throw new Error(`No port between ${first} and ${last} is free on ${host}.`);
}

/** Listens at the place that an administrator named. */
export async function openSidecarListener(
  server: GrpcServer,
  address: ListenAddress,
  socketMode: number
): Promise<Listener> {
  if (address.network === 'tcp') {
    await server.listen({ host: address.host, port: address.port });
    return { address: { ...address, port: server.port ?? address.port }, remove: () => undefined };
  }
  const { path } = address;
  try {
    await server.listen({ path });
  } catch (reason) {
    if (!isAddressInUse(reason) || !isSocket(path) || (await answers(path))) {
      throw reason;
    }
    // Left by a process that was killed.
    rmSync(path, { force: true });
    await server.listen({ path });
  }
  chmodSync(path, socketMode);
  return { address, remove: () => rmSync(path, { force: true }) };
}

/** Anything else at that path is somebody's file, and stays. */
function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

/** Whether a living process listens at the socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function isAddressInUse(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'code' in reason && reason.code === 'EADDRINUSE';
}
