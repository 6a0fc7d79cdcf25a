import { MemoryBudget } from '../observe/memory/memory-budget';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../observe/logging/logger';
import { GrpcServer } from './grpc-server';
import { openPluginListener, openSidecarListener, type Listener, whyNotListening } from './open-listener';

const logger = createLogger({ write: () => undefined });
const ports = { first: 20_000, last: 24_999 };
let folder: string;
let server: GrpcServer;
let listener: Listener | undefined;

/** How a sidecar at a unix socket was started. */
const sidecar = (path: string, socketMode = 0o600, takesOver = false) => ({
  address: { network: 'unix' as const, path },
  socketMode,
  takesOver,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mm-listen-'));
  server = new GrpcServer({ methods: [], logger, memory: new MemoryBudget({ totalBytes: 1e9 }) });
  listener = undefined;
});

afterEach(async () => {
  await server.close(0);
  listener?.remove();
  rmSync(folder, { recursive: true });
});

it('creates a socket that only the user of the process can reach, and removes it', async () => {
  listener = await openPluginListener({ server, ports, logger, folders: [folder] });
  expect(listener.address.network).toBe('unix');
  const [made] = readdirSync(folder);
  expect(statSync(join(folder, made)).mode & 0o777).toBe(0o700);
  listener.remove();
  expect(readdirSync(folder)).toEqual([]);
});

it('tries the next folder if the path of the socket would be too long', async () => {
  const long = join(folder, 'x'.repeat(100));
  mkdirSync(long);
  listener = await openPluginListener({ server, ports, logger, folders: [long, folder] });
  expect(readdirSync(long)).toEqual([]);
  expect(listener.address).toMatchObject({ network: 'unix', path: expect.stringContaining(folder) });
});

it('falls back to loopback TCP with a port in the range, and warns once', async () => {
  const lines: string[] = [];
  const missing = join(folder, 'missing');
  listener = await openPluginListener({
    server,
    ports,
    logger: createLogger({ write: (line) => lines.push(line) }),
    folders: [missing, missing],
  });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      '@level': 'warn',
      '@message': expect.stringContaining('all users of this machine can reach'),
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      failures: expect.stringMatching(/^[^;]*ENOENT[^;]*$/),
    }),
  ]);
  expect(listener.address).toMatchObject({ network: 'tcp', host: '127.0.0.1' });
  expect(server.port).toBeGreaterThanOrEqual(ports.first);
  expect(server.port).toBeLessThanOrEqual(ports.last);
});

it('uses loopback TCP on Windows, with the next port if the system has reserved a port', async () => {
  const reserved = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
  jest.spyOn(server, 'listen').mockRejectedValueOnce(reserved);
  listener = await openPluginListener({ server, ports, logger, platform: 'win32' });
  expect(listener.address).toMatchObject({ network: 'tcp', host: '127.0.0.1' });
});

it('sets the configured permissions of a sidecar socket', async () => {
  const path = join(folder, 's');
  listener = await openSidecarListener(server, sidecar(path, 0o660));
  expect(statSync(path).mode & 0o777).toBe(0o660);
  listener.remove();
  expect(existsSync(path)).toBe(false);
});

it('replaces the socket of a killed sidecar', async () => {
  const path = join(folder, 's');
  // The other server does not find its moved socket file when it closes. So the file remains, as after a kill.
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(join(folder, 'other'), resolve));
  renameSync(join(folder, 'other'), path);
  await new Promise((resolve) => other.close(resolve));
  listener = await openSidecarListener(server, sidecar(path, 0o600));
  expect(statSync(path).isSocket()).toBe(true);
});

describe('a sidecar that takes over', () => {
  const connected = (path: string) => new Promise<void>((resolve) => connect(path, resolve));
  const newServer = () => new GrpcServer({ methods: [], logger, memory: new MemoryBudget({ totalBytes: 1e9 }) });

  it('gets the connections to the socket, and keeps the socket when the other one ends', async () => {
    const path = join(folder, 's');
    const other = newServer();
    const before = await openSidecarListener(other, sidecar(path));
    listener = await openSidecarListener(server, sidecar(path, 0o660, true));
    await other.close(0);
    before.remove();
    await connected(path);
    expect([statSync(path).mode & 0o777, readdirSync(folder)]).toEqual([0o660, ['s']]);
  });

  it('shares the port with the other one', async () => {
    const tcp = (port: number) => ({
      address: { network: 'tcp' as const, host: '127.0.0.1', port },
      socketMode: 0o600,
      takesOver: true,
    });
    const other = newServer();
    const { address } = await openSidecarListener(other, tcp(0));
    const port = address.network === 'tcp' ? address.port : 0;
    listener = await openSidecarListener(server, tcp(port));
    await other.close(0);
    await new Promise<void>((resolve) => connect({ port, host: '127.0.0.1' }, resolve));
    expect(listener.address).toEqual(address);
  });

  it('keeps a file that is not a socket', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'precious');
    await expect(openSidecarListener(server, sidecar(path, 0o600, true))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });
});

it('keeps the socket of a running process', async () => {
  const path = join(folder, 's');
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(path, resolve));
  await expect(openSidecarListener(server, sidecar(path, 0o600))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await new Promise((resolve) => other.close(resolve));
});

it('keeps the socket of a running process that accepts no connection at the moment', async () => {
  // Linux reports EAGAIN if too many connections wait to be accepted. The sidecar must not conclude from EAGAIN that no
  // process listens at the socket.
  const path = join(folder, 's');
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen({ path, backlog: 1 }, resolve));
  const waiting = Array.from({ length: 8 }, () => connect(path).on('error', () => undefined));
  await expect(openSidecarListener(server, sidecar(path, 0o600))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  waiting.forEach((socket) => socket.destroy());
  await new Promise((resolve) => busy.close(resolve));
});

it('keeps a file that is not a socket', async () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'precious');
  await expect(openSidecarListener(server, sidecar(path, 0o600))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  expect(existsSync(path)).toBe(true);
});

describe('why a sidecar cannot listen', () => {
  const failed = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

  /**
   * `whyNotListening` also looks at the path, because Node.js reports several of the reasons below with the same code.
   */
  async function reasonFor(path: string): Promise<string> {
    const address = { network: 'unix', path } as const;
    return openSidecarListener(server, sidecar(path)).then(
      () => 'listens',
      (reason: unknown) => whyNotListening(address, reason)
    );
  }

  it('is a folder that does not exist', async () => {
    expect(await reasonFor(join(folder, 'missing', 's'))).toContain(
      `The folder ${join(folder, 'missing')} does not exist.`
    );
  });

  it('is a path that is too long', async () => {
    expect(await reasonFor(join(folder, 'x'.repeat(200)))).toContain('too long for a socket');
  });

  it('is a file that is not a socket', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'precious');
    expect(await reasonFor(join(folder, 'notes.txt'))).toContain('notes.txt is a file of another program');
  });

  it('is a socket of another process or user', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(join(folder, 's'), resolve));
    expect(await reasonFor(join(folder, 's'))).toBe(
      'Another process listens there, or another user owns the socket. If no process listens there, remove it.'
    );
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    ['EACCES', /^The user of the sidecar may not create files in/],
    ['ENOSPC', /^No space is left in/],
    ['EINVAL', /listen EINVAL/],
  ])('is explained for the code %s at a socket', (code, message) => {
    expect(whyNotListening({ network: 'unix', path: join(folder, 's') }, failed(code))).toMatch(message);
  });

  it('is a port that another process uses, or cannot share', () => {
    const address = { network: 'tcp', host: '127.0.0.1', port: 1 } as const;
    expect(whyNotListening(address, failed('ENOTSUP'))).toContain('needs a unix socket');
    expect(whyNotListening(address, failed('EADDRINUSE'))).toBe('Another process listens there.');
  });
});
