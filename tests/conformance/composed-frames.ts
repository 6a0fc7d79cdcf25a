/**
 * Checks the frames that the backend composes, such as a trace or a node graph. Grafana's decoder converts an Arrow
 * frame to JSON. This JSON must equal the JSON that the backend itself writes. The integration tests check the values.
 */
import assert from 'node:assert/strict';
import { type ViewQueryFields } from '../../contract/query-types/view-request';
import { processByKey } from '../../demo/lakehouse/story';
import { DataFrameFormat } from '../../proxy/generated/pluginv2/backend_pb';
import { dataQuery, pluginContext, type QueryOptions, type Source, startBuiltPlugin } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';

const MINUTE_MS = 60_000;
const NANOS_PER_MS = 1_000_000n;

/** The members of a frame that are compared. Other members, such as the statements, differ between calls. */
interface Content {
  schema: { name?: string; fields: Array<{ name: string }> };
  data: Readonly<Record<string, unknown[] | undefined>>;
}

/** Grafana's encoder leaves out the empty URL of an internal link, and the index of the first value mapping. */
function withoutDefaults(key: string, value: unknown): unknown {
  return (key === 'url' && value === '') || (key === 'index' && value === 0) ? undefined : value;
}

/** Columns that are not compared: the times of the newest data of running processes. */
const CHANGING: ReadonlySet<string> = new Set(['last_seen', 'detail__last_seen']);

/**
 * The data of a frame without the columns in `CHANGING`. Each list (`values`, `nanos`, …) has an entry for each field.
 */
function exactData({ schema, data }: Content): unknown {
  const exact = (list: unknown[]) => list.map((each, index) => (CHANGING.has(schema.fields[index].name) ? null : each));
  return Object.fromEntries(Object.entries(data).map(([part, list]) => [part, list && exact(list)]));
}

/** @param source The demo's lakehouse. */
export async function checkComposedFrames(list: Checklist, host: GrafanaHost, source: Source): Promise<void> {
  const nowMs = Date.now();
  // This range includes the demo's incident. The demo adds no rows to this range.
  const range = { fromMs: nowMs - 60 * MINUTE_MS, toMs: nowMs - 20 * MINUTE_MS };
  const options = { range };
  const endNs = BigInt(range.toMs) * NANOS_PER_MS;
  const moment = {
    processId: processByKey('editor').id,
    beginNs: String(endNs - 500n * NANOS_PER_MS),
    endNs: String(endNs),
  };
  const search: ViewQueryFields = {
    queryType: 'traces',
    traces: { view: 'search', statuses: ['ERROR'], limit: 10 },
  };
  const [found] = await host.query(source, { ...search }, options);
  const traceId = String(found.column('trace_id')[0]);
  const queries: Array<ViewQueryFields & { name: string; frames: number }> = [
    { name: 'a search of traces', frames: 1, ...search },
    { name: 'a trace', frames: 1, queryType: 'traces', traces: { view: 'trace', traceId } },
    { name: 'a service map', frames: 2, queryType: 'traces', traces: { view: 'service-map' } },
    { name: 'a flame graph', frames: 3, queryType: 'profile', profile: { view: 'flame-graph', ...moment } },
    { name: 'a timeline', frames: 1, queryType: 'profile', profile: { view: 'timeline', ...moment } },
    { name: 'a list of processes', frames: 1, queryType: 'processes', processes: { view: 'list' } },
    { name: 'a tree of processes', frames: 2, queryType: 'processes', processes: { view: 'tree' } },
    {
      name: 'a table of changes',
      frames: 1,
      queryType: 'what-changed',
      'what-changed': { exe: processByKey('matchmaker').exe },
    },
    {
      name: 'a table of images',
      frames: 1,
      queryType: 'processes',
      processes: { view: 'images', processId: processByKey('server').id },
    },
  ];
  const plugin = await startBuiltPlugin();
  const asJson = async (model: ViewQueryFields, runOptions: QueryOptions): Promise<Content[]> => {
    const { responses } = await plugin.queryData({
      pluginContext: pluginContext(source),
      format: DataFrameFormat.JSON,
      queries: [dataQuery('A', model, runOptions)],
    });
    const { error, frames } = responses.A;
    assert.equal(error, '');
    return frames.map((frame) => JSON.parse(Buffer.from(frame).toString(), withoutDefaults) as Content);
  };
  try {
    for (const { name, frames, ...model } of queries) {
      await list.check(`golden: ${name} is the same through Grafana's decoder and in the plugin's JSON`, async () => {
        const decoded = await host.query(source, model, options);
        const written = await asJson(model, options);
        assert.equal(decoded.length, frames);
        assert.equal(written.length, frames);
        for (const [index, { content, rowCount }] of decoded.entries()) {
          assert.ok(rowCount > 0, `frame ${index} has no rows`);
          assert.equal(content.schema.name ?? '', written[index].schema.name ?? '');
          assert.deepEqual(content.schema.fields, written[index].schema.fields);
          assert.deepEqual(exactData(content as Content), exactData(written[index]));
        }
      });
    }
  } finally {
    await plugin.shutdown();
  }
}
