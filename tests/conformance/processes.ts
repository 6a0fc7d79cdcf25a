/** Runs programs, such as Go's command, and waits for their end. Finds free ports for servers. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The first build of a program downloads and compiles its modules. */
const GO_TIMEOUT_MS = 15 * 60_000;

export interface ProgramResult {
  /** Exit code; null when a signal ended the program. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the program is killed. */
  timeoutMs: number;
}

/** Runs a program and collects its output. Rejects when it cannot be started or does not end in time. */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output.stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} ${args[0] ?? ''} did not end within ${options.timeoutMs} ms. ${output.stderr}`));
    }, options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...output });
    });
  });
}

/**
 * Runs a program that must succeed.
 *
 * @returns Its standard output.
 * @throws {Error} with its messages when it fails.
 */
export async function outputOf(program: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code !== 0) {
    throw new Error(`${[program, ...args].join(' ')}: ${stderr}${stdout}`);
  }
  return stdout;
}

/** Go's command, and a folder with a Go module. */
export interface GoModule {
  go: string;
  sources: string;
}

/**
 * Runs a command of Go in a folder.
 *
 * @param env In addition to the environment of this process.
 * @returns Its standard output.
 * @throws {Error} with its messages when it fails.
 */
export function runGo(
  { go, sources }: GoModule,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {}
): Promise<string> {
  return outputOf(go, args, { cwd: sources, env: { ...process.env, ...env }, timeoutMs: GO_TIMEOUT_MS });
}

/** Creates a folder for files that later runs use again. */
export function cacheFolder(name: string): string {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Different TCP ports of loopback that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    })
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Resolves with true if a server listens on the port of loopback. @throws {Error} if none listens. */
export function connects(port: number): Promise<true> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
