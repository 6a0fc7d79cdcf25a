/** The calls of Grafana that the plugin must handle in every environment. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type QueryFilter } from '../../contract/queries/query-filter';
import { type Checklist } from '../conformance/checklist';
import { GrafanaHost, type HostStart } from '../conformance/grafana-host';
import { outputOf } from '../conformance/processes';
import { type SignIns } from '../conformance/sources';
import { type Source } from '../support/plugin';
import { backendProcess, runsFileOf } from './processes-of';

const SYNC_TIMEOUT_MS = 120_000;

/** What every part of the package check uses. */
export interface Run {
  list: Checklist;
  /** Path of grafana-host, which needs no C library. */
  program: string;
  sources: SignIns;
  /** Prints a line that is not the outcome of a check. */
  say: (line: string) => void;
}

/** `plugin` is the plugin's folder on this machine. */
export type Start = HostStart & { plugin: string };

/** A query whose filter the SQL parser inserts. The parser is loaded on first use. */
export async function queryWithFilter(host: GrafanaHost, source: Source): Promise<void> {
  const filters: QueryFilter[] = [{ key: 'exe', operator: '!=', value: 'no such program' }];
  const frame = await host.onlyFrame(source, { query: 'SELECT exe FROM processes', format: 'table', filters });
  assert.ok(frame.rowCount > 0, 'no rows');
  assert.match(frame.meta.executedQueryString ?? '', /no such program/);
}

export async function query(host: GrafanaHost, source: Source): Promise<void> {
  const frame = await host.onlyFrame(source, {
    query: 'SELECT time, name, value FROM measures LIMIT 50',
    format: 'table',
  });
  assert.equal(frame.rowCount, 50);
}

/** Asserts that the plugin runs with its bundled runtime. */
export function assertBundled(host: GrafanaHost, plugin: string): void {
  const pid = backendProcess(host.pid);
  assert.ok(runsFileOf(pid, join(plugin, 'runtime')), `The runtime is not the bundled one. ${host.log}`);
}

/** Milliseconds from the start of the plugin to its handshake, according to the log of Grafana's modules. */
export function handshakeMs(host: GrafanaHost): number {
  const times = ['starting plugin', 'using plugin'].map((message) => {
    const line = host.log.split('\n').find((each) => each.includes(`: ${message}`)) ?? '';
    return Date.parse(line.split(' ')[0]);
  });
  return times[1] - times[0];
}

/**
 * Starts the plugin in an environment, and checks handshake, runtime, sign-in, queries and the end of the process.
 *
 * @param more Further checks while the plugin runs.
 */
export async function checkCalls(
  { list, program, sources, say }: Run,
  name: string,
  { plugin, ...start }: Start,
  more?: (host: GrafanaHost) => Promise<unknown>
): Promise<void> {
  let host: GrafanaHost | undefined;
  // Grafana's modules kill a plugin that takes two seconds to end. Without `sync`, the removal of the socket could take
  // longer, because the disk still writes unpacked files.
  await outputOf('sync', [], { timeoutMs: SYNC_TIMEOUT_MS });
  const handshake = `${name}: handshake, with the bundled runtime`;
  await list.check(handshake, async () => {
    host = await GrafanaHost.start(program, { env: {}, ...start });
    assertBundled(host, plugin);
  });
  if (host === undefined) {
    return;
  }
  const running = host;
  say(`   handshake ${handshakeMs(running)} ms after exec`);
  await list.check(`${name}: Save & test passes with an API key and with OAuth`, async () => {
    for (const source of [sources.apiKey, sources.oauth]) {
      const { ok, message } = await running.health(source);
      assert.ok(ok, message);
    }
  });
  await list.check(`${name}: a query runs, and a query with a filter runs`, async () => {
    await query(running, sources.apiKey);
    await queryWithFilter(running, sources.oauth);
  });
  await more?.(running);
  await list.check(`${name}: the plugin ends when Grafana asks it to`, async () => {
    const ended = await running.stop();
    assert.equal(ended, 'exit status 0', `${ended}\n${running.log}`);
  });
  await running.end();
}

/**
 * Checks that the plugin does not start, and that one line of its log explains why its runtime does not run.
 * @param why Part of the line.
 */
export async function checkNotStarted({ list, program }: Run, name: string, start: Start, why: RegExp): Promise<void> {
  await list.check(`${name}: the plugin does not start, and one line says why`, async () => {
    const failure = await GrafanaHost.start(program, { env: {}, ...start }).then(
      () => 'started',
      (reason: unknown) => String(reason)
    );
    const lines = failure.split('\n').filter((line) => line.includes('the Node.js of this package does not run'));
    assert.equal(lines.length, 1, failure);
    assert.match(lines[0], why);
  });
}
