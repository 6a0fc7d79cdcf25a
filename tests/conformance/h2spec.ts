/**
 * Runs h2spec, a test suite for HTTP/2 servers, against the TCP listener of the sidecar.
 *
 * h2spec sends GET requests without a body, which a gRPC server rejects. So a copy of it is patched to send gRPC requests: POST,
 * the headers of gRPC, and an empty message.
 */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checklist } from './checklist';
import { type Cleanup } from './cleanup';
import { runProgram } from './processes';
import { startSidecar } from './sidecar';
import { type Tool } from './tools';

/** The first build downloads the modules. */
const BUILD_TIMEOUT_MS = 5 * 60_000;
const RUN_TIMEOUT_MS = 5 * 60_000;

const PATCHED_FOLDER = join('vendor', 'github.com', 'summerwind', 'h2spec', 'spec');

interface Patch {
  file: string;
  from: string;
  to: string;
}

const PATCHES: readonly Patch[] = [
  { file: 'util.go', from: 'HeaderField(":method", "GET"),', to: 'HeaderField(":method", "POST"),' },
  {
    file: 'util.go',
    from: 'HeaderField(":authority", authority),\n\t}',
    to:
      'HeaderField(":authority", authority),\n\t\tHeaderField("content-type", "application/grpc"),\n' +
      '\t\tHeaderField("te", "trailers"),\n\t}',
  },
  {
    file: 'connection.go',
    from: '\treturn conn.framer.WriteHeaders(p)\n}',
    to: `	isFirst := p.StreamID > lastRequest[conn]
	lastRequest[conn] = p.StreamID
	if isFirst && p.EndStream && p.EndHeaders {
		p.EndStream = false
		if err := conn.framer.WriteHeaders(p); err != nil {
			return err
		}
		return conn.framer.WriteData(p.StreamID, true, make([]byte, 5))
	}
	return conn.framer.WriteHeaders(p)
}

var lastRequest = map[*Conn]uint32{}`,
  },
];

/** All sections with a call that ends at once, and the limit of concurrent streams with a call that does not end. */
const RUNS = [
  { name: 'all sections', args: [] },
  {
    name: 'the limit of concurrent streams',
    args: ['-section', 'http2/5.1.2', '-path', '/plugin.GRPCStdio/StreamStdio'],
  },
];

/** Cases that may fail, by `section: name`, with the reason. */
const ACCEPTED: ReadonlyMap<string, string> = new Map([
  [
    'http2/5.3.1: Sends HEADERS frame that depend on itself',
    'RFC 9113, section 5.3.2, deprecates priorities: they are ignored.',
  ],
  [
    'http2/5.3.1: Sends PRIORITY frame that depend on itself',
    'RFC 9113, section 5.3.2, deprecates priorities: they are ignored.',
  ],
]);

interface Outcome {
  name: string;
  isPassed: boolean;
  /** The expected and the actual frames of a failed case, as h2spec reports them. */
  reason: string;
}

/** Reads the JUnit report of h2spec. */
function readReport(xml: string): Outcome[] {
  const cases = xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  return Array.from(cases, ([, section, name, content = '']) => ({
    name: `${section}: ${name}`,
    isPassed: content.trim() === '',
    reason: content.replace(/<[^>]*>/g, ' ').trim() || 'skipped',
  }));
}

/** Patches and builds h2spec. @returns The path of the program. */
async function buildH2spec(tool: { program: string; sources: string }): Promise<string> {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'micromegas-h2spec');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    copyFileSync(join(tool.sources, file), join(folder, file));
  }
  await go(tool.program, folder, ['mod', 'vendor']);
  PATCHES.forEach((patch) => applyPatch(join(folder, PATCHED_FOLDER), patch));
  const program = join(folder, 'h2spec');
  await go(tool.program, folder, ['build', '-mod=vendor', '-o', program, '.']);
  return program;
}

async function go(program: string, folder: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram(program, ['-C', folder, ...args], { timeoutMs: BUILD_TIMEOUT_MS });
  assert.equal(code, 0, stderr);
}

function applyPatch(folder: string, { file, from, to }: Patch): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  assert.equal(text.split(from).length, 2, `${file} of h2spec has other text than the patch expects`);
  chmodSync(path, 0o644);
  writeFileSync(path, text.replace(from, to));
}

/** @throws {AssertionError} that lists the cases with an unexpected result. */
async function runH2spec(program: string, folder: string, address: string, args: readonly string[]): Promise<void> {
  const report = join(folder, 'report.xml');
  const port = address.slice(address.lastIndexOf(':') + 1);
  const { code, stderr } = await runProgram(program, ['-port', port, '-report', report, ...args], {
    timeoutMs: RUN_TIMEOUT_MS,
  });
  assert.equal(code, 0, stderr);
  const outcomes = readReport(readFileSync(report, 'utf8'));
  assert.ok(outcomes.length > 0, 'h2spec ran no case');
  const unexpected = outcomes.filter(({ name, isPassed }) => isPassed === ACCEPTED.has(name));
  const lines = unexpected.map(
    ({ name, isPassed, reason }) =>
      `${name} (${isPassed ? 'passes, although it is listed as one that may fail' : reason})`
  );
  assert.deepEqual(lines, []);
}

export async function checkHttp2(list: Checklist, cleanup: Cleanup, tool: Tool): Promise<void> {
  if ('missing' in tool) {
    list.skip(`${tool.missing}: h2spec was not run`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'mm'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  let program = '';
  if (!(await list.check('h2spec builds', async () => void (program = await buildH2spec(tool))))) {
    return;
  }
  for (const { name, args } of RUNS) {
    await list.check(`h2spec: ${name}`, async () => {
      const sidecar = await startSidecar('127.0.0.1:0');
      cleanup.add(async () => void (await sidecar.stop()));
      await runH2spec(program, folder, sidecar.address, args);
      assert.ok(sidecar.isRunning(), 'the sidecar ended');
      assert.equal(await sidecar.stop(), 0);
    });
  }
}
