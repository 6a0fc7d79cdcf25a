/**
 * Checks profiles: their frames as Grafana's decoder reads them, and the calls that a real Micromegas records of its
 * own process.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { type ProfileRequest } from '../../contract/query-types/profile';
import { processByKey } from '../../demo/lakehouse/story';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { type QueryOptions, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';

const NANOS_PER_MS = 1_000_000n;

function profileQuery(profile: ProfileRequest) {
  return { query: '', version: 2, queryType: 'profile', profile } as const;
}

/** Profiles of the demo's editor, which makes the same calls in each frame that it renders. */
export async function checkProfileFrames(list: Checklist, host: GrafanaHost, source: Source): Promise<void> {
  const endNs = BigInt(Date.now() - 60_000) * NANOS_PER_MS;
  const request = {
    processId: processByKey('editor').id,
    beginNs: String(endNs - 500n * NANOS_PER_MS),
    endNs: String(endNs),
  };
  await list.check('grafana: the labels of a flame graph are an enumeration', async () => {
    const [flame, functions, slowest] = await host.query(source, profileQuery({ view: 'flame-graph', ...request }));
    assert.equal(flame.meta.preferredVisualisationType, 'flamegraph');
    assert.deepEqual(
      flame.fields.map(({ name, type }) => [name, type]),
      [
        ['level', 'number'],
        ['value', 'number'],
        ['self', 'number'],
        ['label', 'enum'],
      ]
    );
    const names = (flame.fields[3].config as { type: { enum: { text: string[] } } }).type.enum.text;
    const labels = flame.column('label').map((label) => names[Number(label)]);
    assert.deepEqual(flame.column('level'), [0, 1, 2, 3, 4, 4, 3]);
    assert.deepEqual(labels.slice(2), ['ui_frame', 'draw_viewport', 'submit', 'cull', 'layout']);
    assert.deepEqual([...functions.column('Function')].sort(), labels.slice(2).sort());
    assert.deepEqual([functions.content.schema.name, slowest.content.schema.name], ['Functions', 'Slowest calls']);
    assert.equal(slowest.type('Begin'), 'time');
  });
  await list.check('grafana: a timeline is a trace', async () => {
    const [trace] = await host.query(source, profileQuery({ view: 'timeline', ...request }));
    assert.equal(trace.meta.preferredVisualisationType, 'trace');
    assert.deepEqual(
      ['spanID', 'startTime', 'duration', 'tags'].map((name) => trace.type(name)),
      ['string', 'number', 'number', 'other']
    );
    assert.ok(trace.column('operationName').includes('draw_viewport'));
  });
}

interface Lake {
  plugin: PluginProcess;
  source: Source;
}

/** Profiles of the server's own threads. The server sends their spans to itself. */
export async function checkProfiles(list: Checklist, { plugin, source }: Lake, withinMs: number): Promise<void> {
  const sql = async (query: string, options: QueryOptions): Promise<ReadFrame> =>
    onlyFrame(await runQuery(plugin, source, { query, version: 2, autoLimit: false }, options));
  const ask = async (profile: ProfileRequest, options: QueryOptions): Promise<ReadFrame[]> => {
    const response = await runQuery(plugin, source, profileQuery(profile), options);
    assert.equal(response.error, '');
    return readFrames(response);
  };
  let processId = '';
  let range = { fromMs: 0, toMs: 0 };
  await list.check('micromegas: the flame graph of the server has the calls that SQL counts', async () => {
    const countCalls = async (): Promise<Map<unknown, number>> => {
      const counted = await sql(
        `SELECT name, count(*) AS calls FROM process_spans('${processId}', 'thread') WHERE id >= 0 GROUP BY name`,
        { range }
      );
      const names = counted.column('name');
      return new Map(names.map((name, row) => [name, Number(counted.column('calls')[row])]));
    };
    const { functions, counted } = await eventually('The calls of threads', withinMs, async () => {
      const toMs = Date.now() - 1000;
      range = { fromMs: toMs - 300_000, toMs };
      const streams = `SELECT process_id FROM streams WHERE array_has(tags, 'cpu') LIMIT 1`;
      const found = readFrames(await runQuery(plugin, source, { query: streams, version: 2, timeFilter: false }));
      processId = String(found[0]?.column('process_id')[0] ?? '');
      if (processId === '') {
        return undefined;
      }
      const before = await countCalls();
      const [, functions] = await ask({ view: 'flame-graph', processId }, { range });
      const after = await countCalls();
      // The server sends its spans with a delay, so some of the range may arrive between two queries.
      return after.size > 3 && isDeepStrictEqual(before, after) ? { functions, counted: after } : undefined;
    });
    const calls = new Map<unknown, number>();
    functions.column('Function').forEach((name, row) => {
      calls.set(name, (calls.get(name) ?? 0) + Number(functions.column('Calls')[row]));
    });
    assert.deepEqual(
      [...counted].map(([name]) => [name, calls.get(name)]),
      [...counted]
    );
  });
  await list.check('micromegas: the timeline of a call of the server includes that call', async () => {
    const [, , slowest] = await ask({ view: 'flame-graph', processId }, { range });
    const beginNs = String(slowest.column('timelineBeginNs')[0]);
    const durationNs = Number(slowest.column('Duration')[0]);
    const [trace] = await ask({ view: 'timeline', processId, beginNs, endNs: `+${durationNs}` }, { range });
    const length = durationNs / 1e6;
    const name = slowest.column('Function')[0];
    const durations = trace.column('duration').map(Number);
    const ofName = durations.filter((_, row) => trace.column('operationName')[row] === name);
    // With each new block, the server computes the times of a running process again, so the times change slightly.
    assert.ok(
      ofName.some((duration) => Math.abs(duration - length) < 0.01 * length),
      `${length} ms, not ${ofName.join(', ')}`
    );
    assert.ok(durations.every((duration) => duration <= length));
  });
}
