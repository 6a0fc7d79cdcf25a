/**
 * `node scripts/deploy/smoke.ts FOLDER`: starts an unpacked package as Grafana does, on the system that runs this
 * program, and calls it. The release workflow runs it on the systems that `npm run package:check` cannot imitate. The
 * program needs Node.js 24 or newer, which runs TypeScript. It needs no installed packages.
 *
 * Exit code 0: the plugin printed its handshake, responded to calls, and exited on request.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as openSocket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const OS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const ARCHITECTURE: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Grafana waits one minute for the handshake. */
const LIMIT_MS = 60_000;

/** A message without fields, with the prefix of gRPC: not compressed, length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/** The whole environment that Grafana 12.4 and newer pass to plugins, and the variables that Windows needs. */
function grafanaEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot, TEMP, TMP } = process.env;
  const own = { grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2', GF_VERSION: '12.4.2' };
  const ports = { PLUGIN_MIN_PORT: '10000', PLUGIN_MAX_PORT: '25000' };
  return { ...own, ...ports, ...(process.platform === 'win32' ? { SystemRoot, TEMP, TMP } : {}) };
}

/** Calls a method with an empty message. @returns The message of the response. */
async function call(session: ClientHttp2Session, path: string): Promise<Buffer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const status = new Promise<unknown>((done) => {
    stream.once('trailers', (trailers) => done(trailers['grpc-status']));
    stream.once('response', (headers) => headers['grpc-status'] !== undefined && done(headers['grpc-status']));
    stream.once('close', () => done('none: the stream ended'));
  });
  stream.end(EMPTY_MESSAGE);
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
  }
  assert.equal(await status, '0', `${path} ended with this gRPC status`);
  return Buffer.concat(parts).subarray(EMPTY_MESSAGE.length);
}

async function main([folder]: string[]): Promise<void> {
  assert.ok(folder !== undefined, 'Name the folder of the unpacked package.');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const name = `gpx_micromegas_${OS[process.platform]}_${ARCHITECTURE[process.arch]}${suffix}`;
  const executable = join(resolve(folder), name);
  assert.ok(existsSync(executable), `The package has no ${name}.`);

  const startedAt = performance.now();
  const plugin = spawn(executable, { env: grafanaEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => plugin.kill('SIGKILL'), LIMIT_MS);
  const log: string[] = [];
  createInterface({ input: plugin.stderr }).on('line', (line) => log.push(line));
  try {
    const ended = once(plugin, 'close');
    const firstLine = once(createInterface({ input: plugin.stdout }), 'line');
    const [line] = await Promise.race([
      firstLine,
      ended.then(() => assert.fail('The plugin ended before its handshake.')),
    ]);
    const startMs = Math.round(performance.now() - startedAt);
    const [core, version, network, address, protocol] = String(line).split('|');
    assert.deepEqual([core, version, protocol], ['1', '2', 'grpc'], `Unexpected handshake: ${line}`);

    const [host, port] = address.split(/:(?=\d+$)/);
    const socket = network === 'unix' ? openSocket(address) : openSocket(Number(port), host);
    const session = connect('http://localhost', { createConnection: () => socket });
    // HealthCheckResponse: field 1, `status`, is 1, SERVING.
    assert.deepEqual([...(await call(session, '/grpc.health.v1.Health/Check'))], [8, 1]);
    const metrics = (await call(session, '/pluginv2.Diagnostics/CollectMetrics')).toString('latin1');
    assert.match(metrics, /^micromegas_queries_running\{backend="\w+"\} 0$/m);
    assert.match(metrics, /^nodejs_version_info\{version="v\d+/m);
    const [, node] = /version="(v[\d.]+)"/.exec(metrics) ?? [];
    await call(session, '/plugin.GRPCController/Shutdown').catch(() => undefined);
    session.destroy();
    const [code] = await ended;
    assert.equal(code, 0, 'exit code of the plugin');
    console.log(`${name}: handshake after ${startMs} ms on ${process.platform} ${process.arch}, Node.js ${node}`);
  } catch (reason) {
    plugin.kill('SIGKILL');
    console.error(log.join('\n'));
    throw reason;
  } finally {
    clearTimeout(limit);
  }
}

main(process.argv.slice(2)).catch((reason: unknown) => {
  console.error(reason);
  process.exitCode = 1;
});
