import { once } from 'node:events';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeStaleFolders, SOCKET_FILE } from './socket-folders';

const NOW_MS = Date.now();
const OLD = new Date(NOW_MS - 61_000);
const userId = process.getuid?.();

let parent: string;
let servers: Server[];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mm-stale-'));
  servers = [];
});

afterEach(() => {
  servers.forEach((server) => server.close());
  rmSync(parent, { recursive: true });
});

const remaining = () => readdirSync(parent).sort();

/** A folder that was changed more than a minute ago. */
function oldFolder(name: string, fill: (folder: string) => void = () => undefined): string {
  const folder = join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  fill(folder);
  utimesSync(folder, OLD, OLD);
  return folder;
}

async function listenAt(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  server.listen(path);
  await once(server, 'listening');
  return server;
}

/** Path of a socket on which no process listens: a second link to the socket of a server that has closed. */
async function abandonedSocket(): Promise<string> {
  const own = join(parent, 'own.sock');
  const left = join(parent, 'left.sock');
  const server = await listenAt(own);
  linkSync(own, left);
  server.close();
  await once(server, 'close');
  return left;
}

it('removes the folder of a killed process if the folder is empty or has an abandoned socket', async () => {
  const socket = await abandonedSocket();
  oldFolder('micromegas-stale1', (folder) => linkSync(socket, join(folder, SOCKET_FILE)));
  oldFolder('micromegas-empty1');
  rmSync(socket);
  await removeStaleFolders({ parents: [join(parent, 'missing'), parent], nowMs: NOW_MS, userId });
  expect(remaining()).toEqual([]);
});

it('keeps all other folders', async () => {
  const socket = await abandonedSocket();
  const withSocket = (folder: string) => linkSync(socket, join(folder, SOCKET_FILE));
  const used = oldFolder('micromegas-inuse1');
  await listenAt(join(used, SOCKET_FILE));
  utimesSync(used, OLD, OLD);
  const young = oldFolder('micromegas-young1', withSocket);
  utimesSync(young, new Date(NOW_MS), new Date(NOW_MS - 59_000));
  oldFolder('micromegas-files1', (folder) => {
    withSocket(folder);
    writeFileSync(join(folder, 'other'), '');
  });
  oldFolder('micromegas-plain1', (folder) => writeFileSync(join(folder, SOCKET_FILE), ''));
  oldFolder('micromegas-open01', withSocket);
  chmodSync(join(parent, 'micromegas-open01'), 0o755);
  oldFolder('micromegas-application-1', withSocket);
  const target = oldFolder('target', withSocket);
  symlinkSync(target, join(parent, 'micromegas-link01'));
  oldFolder('micromegas-link02', (folder) => symlinkSync(socket, join(folder, SOCKET_FILE)));
  const before = remaining();
  await removeStaleFolders({ parents: [parent], nowMs: NOW_MS, userId });
  expect(remaining()).toEqual(before);
  expect(readdirSync(target)).toEqual([SOCKET_FILE]);
});

it.each([
  { name: 'that belong to another user', id: (userId ?? 0) + 1 },
  { name: 'if the process has no user id', id: undefined },
])('keeps folders $name', async ({ id }) => {
  oldFolder('micromegas-empty1');
  await removeStaleFolders({ parents: [parent], nowMs: NOW_MS, userId: id });
  expect(remaining()).toEqual(['micromegas-empty1']);
});
