/**
 * Checks the package as its users get it: packs it, and installs the tarball into an empty project, without a network.
 * There, it runs the example of the README, and type-checks a program that imports the package.
 *
 * `npm run check -w packages/http2`; `.ci/run` calls it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PACKAGE = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** Uses each entry point of the package, as a client and as a server. */
const CONSUMER = `
import { connect, type Socket } from 'node:net';
import { ByteSource, Http2ErrorCode, FloodError, Http2Connection, type ConnectionLimits, type Headers, type HeaderField, type Http2Stream } from '@micromegas/http2';
import { ManualClock, RawPeer } from '@micromegas/http2/testing';

const limits: ConnectionLimits = { streamWindowBytes: 65_535, connectionWindowBytes: 65_535, frameBytes: 16_384, headerListBytes: 65_536, maxStreams: 1 };
export function serve(socket: Socket): Http2Connection {
  return new Http2Connection({
    socket,
    limits,
    clock: new ManualClock(),
    onRequest: (stream: Http2Stream, headers: Headers) => {
      const path: string | undefined = headers.get(':path');
      stream.events = { onData: (bytes: Uint8Array) => bytes.length, onEnd: () => stream.end(), onClose: () => path };
    },
    onClose: (reason: unknown) => reason instanceof FloodError && reason.kind,
  });
}
export function call(port: number, fields: HeaderField[]): void {
  const source = new ByteSource();
  const socket = connect({ port, onread: source.onread });
  const stream = new Http2Connection({ socket, source, limits }).request(fields, { onData() {}, onEnd() {}, onClose() {} });
  stream.reset(Http2ErrorCode.CANCEL);
  // @ts-expect-error Internal members are not declared.
  stream.fill([], 0);
  void RawPeer.connect(port);
}
`;

/** The environment without the npm settings that `npm run` adds, except for `cache` and `registry`. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(config_(?!cache|registry)|package_|lifecycle_)/i.test(name))
);

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** @returns The path of the tarball. */
function pack(folder: string): string {
  run('npm', ['pack', '--silent', '--pack-destination', folder], PACKAGE);
  const [tarball] = readdirSync(folder);
  return join(folder, tarball);
}

function checkFiles(installed: string): void {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const unwanted = files.filter((file) => /\.test\.|(?<!\.d)\.ts$|^src|^scripts/.test(file));
  assert.deepEqual(unwanted, [], 'files that do not belong in the package');
  for (const file of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']) {
    assert(files.includes(file), `${file} is missing`);
  }
}

/** Runs the first JavaScript block of the README. Its last line is a comment with the expected output. */
function checkExample(project: string): void {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const [, code] = /^```js\n([\s\S]*?)^```$/m.exec(readme) ?? assert.fail('The README has no example.');
  const [, expected] = /^\/\/ Prints: (.*)\n$/m.exec(code) ?? assert.fail('The example does not state its output.');
  writeFileSync(join(project, 'example.js'), code);
  assert.equal(run(process.execPath, ['example.js'], project).trim(), expected);
}

function checkTypes(project: string, module: 'nodenext' | 'preserve'): void {
  const compilerOptions = {
    module,
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(require.resolve('@types/node/package.json'), '../..')],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  run(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', '.'], project);
}

const folder = mkdtempSync(join(tmpdir(), 'http2-package-'));
try {
  const packed = join(folder, 'packed');
  const project = join(folder, 'project');
  [packed, project].forEach((path) => mkdirSync(path));
  const tarball = pack(packed);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball], project);
  checkFiles(join(project, 'node_modules', '@micromegas', 'http2'));
  checkExample(project);
  writeFileSync(join(project, 'consumer.ts'), CONSUMER);
  checkTypes(project, 'nodenext');
  checkTypes(project, 'preserve');
  console.log('The package installs, its example runs, and its types are valid.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
