/** Checks processes of a real Micromegas, and the Perfetto trace of the server, which records its own threads. */
import assert from 'node:assert/strict';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { perfettoPath, TRACE_END } from '../../contract/resources/perfetto';
import { type ProcessesQuery } from '../../contract/query-types/processes';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { onlyFrame, readFrames } from '../support/frames';
import { pluginContext, runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';
import { SENT } from './otlp';
import { type KeySources } from './sources';

interface Lake {
  plugin: PluginProcess;
  sources: KeySources;
}

/** Length of the time range whose spans are downloaded. */
const TRACE_MS = 10_000;

export async function checkProcesses(
  list: Checklist,
  { plugin, sources }: Lake,
  host: GrafanaHost | undefined
): Promise<void> {
  const source = sources.apiKey;
  const ask = (processes: ProcessesQuery) => runQuery(plugin, source, { queryType: 'processes', processes } as never);
  // An empty list has a second frame, with a link to a wider search.
  const rows = async (changes: Partial<ProcessesQuery>) => {
    const response = await ask({ view: 'list', ...changes });
    assert.equal(response.error, '');
    return readFrames(response)[0];
  };

  await list.check('micromegas: the list of processes has the number of lines by level', async () => {
    const frame = await rows({ exe: SENT.exe });
    assert.deepEqual(frame.column('exe'), [SENT.exe]);
    // One line of each level was sent.
    assert.deepEqual(
      ['fatal', 'error', 'warn'].map((field) => Number(frame.column(field)[0])),
      [1, 1, 1]
    );
  });
  for (const state of ['running', 'ended', 'crashed'] as const) {
    await list.check(`micromegas: the list of processes with the state ${state}`, async () => {
      const frame = await rows({ state });
      assert.ok(frame.column('state').every((each) => each === state));
      // Processes that send telemetry are running. Whether other processes have ended depends on the server.
      assert.ok(state !== 'running' || frame.rowCount > 0);
    });
  }
  await list.check('micromegas: the list of all processes', async () => {
    const model = { queryType: 'processes', processes: { view: 'list' } } as never;
    const frame = host === undefined ? await rows({}) : await host.onlyFrame(source, model);
    assert.ok(frame.rowCount > 1);
  });
  await list.check('micromegas: the tree of processes, and the images of a process', async () => {
    const [nodes] = readFrames(await ask({ view: 'tree' }));
    const id = String(nodes.column('id')[0]);
    const [node] = readFrames(await ask({ view: 'tree', processId: id }));
    assert.ok(node.column('id').includes(id));
    assert.equal(onlyFrame(await ask({ view: 'images', processId: id })).rowCount, 0);
  });
  await list.check("micromegas: the Perfetto trace of the server's own threads", async () => {
    const query = `SELECT p.process_id, cast(cast(p.last_update_time as bigint) / 1000000 as varchar) AS ms FROM processes p
      WHERE p.process_id IN (SELECT process_id FROM streams WHERE array_has(tags, 'cpu')) ORDER BY p.last_update_time DESC LIMIT 1`;
    const found = onlyFrame(await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false }));
    const toMs = Number(found.column('ms')[0]);
    const trace = { processId: String(found.column('process_id')[0]), fromMs: toMs - TRACE_MS, toMs };
    const call = { context: pluginContext(source), path: 'perfetto', url: perfettoPath(trace) };
    const { status, body } = await plugin.callResource(call);
    assert.equal(status, 200, Buffer.from(body).toString());
    const reader = new BinaryReader(body);
    let packets = 0;
    while (reader.pos < reader.len) {
      assert.deepEqual(reader.tag(), [1, 2]);
      reader.bytes();
      packets++;
    }
    assert.ok(packets > 10, `${packets} packets`);
    assert.deepEqual(Buffer.from(body.subarray(-TRACE_END.length)), Buffer.from(TRACE_END));
  });
}
