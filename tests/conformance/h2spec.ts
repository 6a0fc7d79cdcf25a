/**
 * Runs h2spec, a conformance suite for HTTP/2 servers, against the TCP listener of the sidecar.
 *
 * h2spec sends GET requests without a body. This file patches h2spec, so that it sends requests like a gRPC client:
 * with POST, the headers of gRPC, and an empty message.
 */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checklist, type Cleanup } from './checklist';
import { cacheFolder, type GoModule, runGo, runProgram } from './processes';
import { startSidecar } from './sidecar';

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

/**
 * All sections run with a call that ends immediately. The section on the limit of concurrent streams runs again with a
 * call that does not end, because only open streams count.
 */
const RUNS = [
  { name: 'all sections', args: [] },
  {
    name: 'the limit of concurrent streams',
    args: ['-section', 'http2/5.1.2', '-path', '/plugin.GRPCStdio/StreamStdio'],
  },
];

/** Cases that the backend fails on purpose: the reason for each `section: name`. */
const ACCEPTED: ReadonlyMap<string, string> = new Map([
  [
    'http2/5.3.1: Sends HEADERS frame that depend on itself',
    'RFC 9113, section 5.3.2, deprecates priorities: the backend ignores them.',
  ],
  [
    'http2/5.3.1: Sends PRIORITY frame that depend on itself',
    'RFC 9113, section 5.3.2, deprecates priorities: the backend ignores them.',
  ],
]);

interface Outcome {
  name: string;
  isPassed: boolean;
  /** Expected and actual frames of a failed case, as h2spec reports them. */
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

/** @returns The path of the program. */
async function buildH2spec({ go, sources }: GoModule): Promise<string> {
  const folder = cacheFolder('micromegas-h2spec');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    copyFileSync(join(sources, file), join(folder, file));
  }
  const copy = { go, sources: folder };
  await runGo(copy, ['mod', 'vendor']);
  PATCHES.forEach((patch) => applyPatch(join(folder, PATCHED_FOLDER), patch));
  const program = join(folder, 'h2spec');
  await runGo(copy, ['build', '-mod=vendor', '-o', program, '.']);
  return program;
}

function applyPatch(folder: string, { file, from, to }: Patch): void {
  const path = join(folder, file);
  const source = readFileSync(path, 'utf8');
  assert.equal(
    source.split(from).length,
    2,
    `${file} of h2spec has changed: the patch in tests/conformance/h2spec.ts does not fit it.`
  );
  chmodSync(path, 0o644);
  writeFileSync(path, source.replace(from, to));
}

/** @throws {Error} with a list of the cases that failed unexpectedly, and of the cases in `ACCEPTED` that passed. */
async function runH2spec(program: string, folder: string, address: string, args: readonly string[]): Promise<void> {
  const report = join(folder, 'report.xml');
  const port = address.slice(address.lastIndexOf(':') + 1);
  const { code, stderr } = await runProgram(program, ['-port', port, '-report', report, ...args], {
    timeoutMs: RUN_TIMEOUT_MS,
  });
  assert.equal(code, 0, stderr);
  const outcomes = readReport(readFileSync(report, 'utf8'));
  assert.ok(outcomes.length > 0, 'h2spec ran no case.');
  const unexpected = outcomes.filter(({ name, isPassed }) => isPassed === ACCEPTED.has(name));
  const lines = unexpected.map(
    ({ name, isPassed, reason }) => `${name} (${isPassed ? 'passed, but is listed as accepted' : reason})`
  );
  assert.deepEqual(lines, []);
}

export async function checkHttp2(list: Checklist, cleanup: Cleanup, module: GoModule): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mm'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  let program = '';
  if (!(await list.check('h2spec: the program builds', async () => void (program = await buildH2spec(module))))) {
    return;
  }
  for (const { name, args } of RUNS) {
    await list.check(`h2spec: ${name}`, async () => {
      const sidecar = await startSidecar('127.0.0.1:0');
      cleanup.add(async () => void (await sidecar.stop()));
      await runH2spec(program, folder, sidecar.address, args);
      assert.ok(sidecar.isRunning(), 'The sidecar ended.');
      assert.equal(await sidecar.stop(), 0);
    });
  }
}
