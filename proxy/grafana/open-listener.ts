/**
 * Opens the listener of the plugin's gRPC server.
 *
 * The plugin listens at a unix socket, in a new folder inside the system's temp folder. Only the user of the process
 * may enter the new folder, because the connection has no sign-in. If the temp folder is not usable, as in a container
 * with a read-only file system, the new folder is in `/tmp`. If `/tmp` is not usable either, the new folder is in
 * shared memory (`/dev/shm`, on Linux only). On Windows, and if no socket can be created, the plugin listens at a
 * loopback TCP port, which every local user can reach. A sidecar listens at the configured address.
 */
import { StringSet } from '../../contract/string-map';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Logger } from '../observe/logging/logger';
import { type GrpcServer } from './grpc-server';
import { hasListener } from './has-listener';
import { FOLDER_PREFIX, parentFolders, SOCKET_FILE } from './socket-folders';
import { type ListenAddress, formatListenAddress, type PortRange, type SidecarMode } from './start-mode';
import { systemErrorCode } from './system-error';

/**
 * The shortest `sockaddr_un` of the supported systems (macOS) has 104 bytes for the path and its terminating zero byte.
 */
const MAX_SOCKET_PATH_BYTES = 103;

/** Maximum number of ports that are tried. */
const MAX_PORTS_TRIED = 100;

/** An open listener. */
export interface Listener {
  address: ListenAddress;
  /**
   * Removes the socket, and the folder that was created for it. May be called at any time, even while the process
   * exits.
   */
  remove(): void;
}

interface PluginListenerOptions {
  server: GrpcServer;
  ports: PortRange;
  logger: Logger;
  platform?: NodeJS.Platform;
  /** Folders for the socket, in the order in which they are tried. Default: `parentFolders`. */
  folders?: readonly string[];
}

/** Listens at an address for Grafana, which gets the address in the handshake. */
export async function openPluginListener(options: PluginListenerOptions): Promise<Listener> {
  const { server, ports, logger } = options;
  const platform = options.platform ?? process.platform;
  const folders = new StringSet(options.folders ?? parentFolders(platform));
  const failures: string[] = [];
  for (const folder of folders) {
    try {
      return await listenInFolder(server, folder);
    } catch (reason) {
      failures.push(reason instanceof Error ? reason.message : String(reason));
    }
  }
  const listener = await listenInRange(server, ports);
  if (failures.length > 0) {
    logger.warn(
      'No unix socket could be created. The plugin listens at a TCP port, which all users of this machine can reach',
      { address: formatListenAddress(listener.address), failures: failures.join('; ') }
    );
  }
  return listener;
}

async function listenInFolder(server: GrpcServer, parent: string): Promise<Listener> {
  const folder = mkdtempSync(join(parent, FOLDER_PREFIX));
  const path = join(folder, SOCKET_FILE);
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
    // The folder is already removed, or contains a file of another program. In both cases the process exits without an
    // error.
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
      if (!isPortTaken(reason)) {
        throw reason;
      }
    }
  }
  throw new Error(`No port between ${first} and ${last} is free on ${host}.`);
}

/**
 * Listens at the address that the administrator configured. A socket at which no process listens is replaced. With
 * `takesOver`, new connections go to this process even if another one listens at the address.
 *
 * @throws {Error} of Node.js; `whyNotListening` explains it.
 */
export async function openSidecarListener(
  server: GrpcServer,
  { address, socketMode, takesOver }: Pick<SidecarMode, 'address' | 'socketMode' | 'takesOver'>
): Promise<Listener> {
  if (address.network === 'tcp') {
    await server.listen({ host: address.host, port: address.port, reusePort: takesOver });
    return { address: { ...address, port: server.port ?? address.port }, remove: () => undefined };
  }
  const { path } = address;
  if (existsSync(path) && (!isSocket(path) || (!takesOver && (await hasListener(path))))) {
    throw Object.assign(new Error(`listen EADDRINUSE: address already in use ${path}`), { code: 'EADDRINUSE' });
  }
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new Error(`The path ${path} is too long for a unix socket.`);
  }
  // The system removes the path that a socket was bound to when the socket closes. A successor may have that path then.
  // So the socket is bound to a path of its own, and moved to the path of the address.
  const own = join(dirname(path), `.${randomBytes(4).toString('hex')}`);
  await server.listen({ path: own });
  chmodSync(own, socketMode);
  const { ino } = statSync(own);
  renameSync(own, path);
  const remove = () => {
    if (statSync(path, { throwIfNoEntry: false })?.ino === ino) {
      rmSync(path, { force: true });
    }
  };
  return { address, remove };
}

/** Says why a sidecar cannot listen at its address, for the administrator who started it. */
export function whyNotListening(address: ListenAddress, reason: unknown): string {
  const code = systemErrorCode(reason);
  if (address.network === 'unix') {
    const { path } = address;
    const folder = dirname(path);
    if (!existsSync(folder)) {
      return `The folder ${folder} does not exist. Create it, and give it to the user of the sidecar.`;
    }
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
      return `The path is too long for a socket: ${Buffer.byteLength(path)} bytes, at most ${MAX_SOCKET_PATH_BYTES}.`;
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      return `The user of the sidecar may not create files in ${folder}.`;
    }
    if (code === 'ENOSPC') {
      return `No space is left in ${folder}, or no inode. Free some, or choose another folder.`;
    }
    if (code === 'EADDRINUSE') {
      return isSocket(path)
        ? 'Another process listens there, or another user owns the socket. If no process listens there, remove it.'
        : `${path} is a file of another program.`;
    }
  }
  if (code === 'ENOTSUP') {
    return 'On this system, GF_PLUGIN_PROXY_HANDOVER needs a unix socket.';
  }
  return code === 'EADDRINUSE' ? 'Another process listens there.' : String(reason);
}

/** True for a socket. Any other file belongs to another program, and is kept. */
function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function isAddressInUse(reason: unknown): boolean {
  return systemErrorCode(reason) === 'EADDRINUSE';
}

/** Windows reserves ranges of ports, for example for Hyper-V, and reports such a port with EACCES. */
function isPortTaken(reason: unknown): boolean {
  return isAddressInUse(reason) || systemErrorCode(reason) === 'EACCES';
}
