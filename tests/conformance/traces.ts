/** Checks traces of a real Micromegas: search, one trace, the map of services, and the log lines of a span. */
import assert from 'node:assert/strict';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type TracesRequest } from '../../contract/query-types/traces';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { noticesOf, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';
import { SENT_TRACE, sendTrace } from './otlp-traces';
import { type KeySources } from './sources';

interface Lake {
  plugin: PluginProcess;
  sources: KeySources;
  ingestion: string;
}

const jsonOf = (value: unknown): unknown => JSON.parse(new TextDecoder().decode(value as Uint8Array));

/**
 * @param withinMs Maximum time until the server shows the sent telemetry.
 */
export async function checkTraces(
  list: Checklist,
  { plugin, sources, ingestion }: Lake,
  host: GrafanaHost | undefined,
  withinMs: number
): Promise<void> {
  const { traceId, gateway, cart, worker } = SENT_TRACE;
  const model = (traces: TracesRequest): MicromegasQueryFields => ({ queryType: 'traces', traces });
  const ask = async (traces: TracesRequest): Promise<ReadFrame[]> => {
    const toMs = Date.now() + 60_000;
    const range = { fromMs: toMs - 3_600_000, toMs };
    const response = await runQuery(plugin, sources.apiKey, model(traces), { range });
    return response.error === '' ? readFrames(response) : assert.fail(response.error);
  };
  let beginMs = 0;
  const isThere = await list.check('micromegas: a trace of three services appears', async () => {
    beginMs = await sendTrace(ingestion);
    await eventually('The trace', withinMs, async () => {
      const [frame] = await ask({ view: 'search', operations: ['carts process'], services: [worker] });
      return frame.rowCount > 0 && frame.column('spans')[0] === 6 ? true : undefined;
    });
  });
  if (!isThere) {
    return;
  }
  await list.check(
    'micromegas: a search by typed attributes finds the trace, and counts all of its spans',
    async () => {
      const [frame] = await ask({
        view: 'search',
        services: [gateway],
        operations: ['GET /cart'],
        kinds: ['SERVER'],
        minDurationMs: 80,
        maxDurationMs: 80,
        attributes: [
          { key: 'http.route', operator: '=', value: '/cart' },
          { key: 'HTTP.route', operator: 'contains', value: 'CART' },
          { key: 'http.response.status_code', operator: '>=', value: 500 },
          { key: 'share', operator: '<', value: 0.5 },
          { key: 'retried', operator: '=', value: true },
          { key: 'http.response.status_code', operator: '!=', value: true },
          { key: 'tags', operator: 'exists' },
          { key: 'resource.host.name', operator: '!=', value: 'elsewhere' },
        ],
      });
      assert.deepEqual(frame.column('trace_id'), [traceId]);
      assert.deepEqual(
        ['service', 'operation', 'spans', 'errors'].map((name) => frame.column(name)[0]),
        [gateway, 'GET /cart', 6, 1]
      );
      assert.equal(Number(frame.column('start')[0]), beginMs);
      assert.equal(frame.column('duration')[0], 900e6);
      for (const attribute of [
        { key: 'http.response.status_code', operator: '=', value: '5' },
        { key: 'retried', operator: '=', value: false },
        { key: 'share', operator: '>', value: 0.5 },
      ] as const) {
        const [none] = await ask({ view: 'search', services: [gateway], attributes: [attribute] });
        assert.equal(none.rowCount, 0, JSON.stringify(attribute));
      }
    }
  );
  await list.check('micromegas: a trace has its spans, attributes, events, links and warnings', async () => {
    const [frame] = await ask({ view: 'trace', traceId });
    const row = (name: string) => frame.column('operationName').indexOf(name);
    const [request, consume] = [row('GET /cart'), row('carts process')];
    const response = frame.column('operationName').lastIndexOf('cart.Get');
    assert.equal(frame.rowCount, 6);
    assert.deepEqual(new Set(frame.column('serviceName')), new Set([gateway, cart, worker]));
    const tags = Object.fromEntries(
      (jsonOf(frame.column('tags')[request]) as Array<{ key: string; value: unknown }>).map(({ key, value }) => [
        key,
        value,
      ])
    );
    assert.deepEqual(tags, { ...SENT_TRACE.attributes, tags: '["a","b"]' });
    assert.equal(frame.column('startTime')[request], beginMs);
    assert.equal(frame.column('duration')[consume], 400);
    assert.equal(frame.column('statusMessage')[response], SENT_TRACE.message);
    assert.equal(frame.column('instrumentationLibraryVersion')[response], SENT_TRACE.scope.version);
    assert.deepEqual(jsonOf(frame.column('logs')[response]), [
      {
        timestamp: beginMs + 30 + SENT_TRACE.clockAheadMs,
        name: 'exception',
        fields: [{ key: 'exception.type', value: 'Timeout', type: 'string' }],
      },
    ]);
    assert.deepEqual(jsonOf(frame.column('references')[consume]), [
      {
        traceID: SENT_TRACE.link.traceId,
        spanID: SENT_TRACE.link.spanId,
        tags: [{ key: 'why', value: 'batch', type: 'string' }],
      },
    ]);
    assert.equal(frame.column('parentSpanID')[request], SENT_TRACE.unrecordedParent);
    const notices = noticesOf(frame);
    assert.equal(notices.length, 2);
    assert.match(notices[0], /^The parent of 1 span was not found/);
    assert.match(
      notices[1],
      /^The clock of host-of-cart-\w+ seems to be 420 ms ahead of host-of-gateway-\w+ \(1 span\)/
    );
  });
  await list.check('micromegas: the map of services has calls, messages and the database', async () => {
    const [nodes, edges] = await ask({ view: 'service-map', services: [gateway, cart, worker] });
    const pairs = edges
      .column('source')
      .map((source, row) => [source, edges.column('target')[row], edges.column('detail__errors')[row]]);
    const database = String(nodes.column('id')[nodes.column('isInstrumented').indexOf(false)]);
    assert.match(database, /^carts-/);
    assert.deepEqual(
      new Set(pairs.map(String)),
      new Set(
        [
          [gateway, cart, 1],
          [gateway, worker, null],
          [cart, database, null],
        ].map(String)
      )
    );
  });
  await list.check('micromegas: the log line of a span is found by the ids of the trace and the span', async () => {
    const [frame] = await ask({ view: 'trace', traceId });
    const span = String(frame.column('spanID')[frame.column('operationName').lastIndexOf('cart.Get')]);
    const query = `SELECT time, msg, process_id, properties FROM log_entries ORDER BY time`;
    const filters = [
      { key: 'properties.otel.trace_id', operator: '=' as const, value: traceId },
      { key: 'properties.otel.span_id', operator: '=' as const, value: span },
    ];
    await eventually('The log line', withinMs, async () => {
      const saved = { query, filters, format: 'logs' as const, version: 2, timeFilter: false, autoLimit: false };
      const response = await runQuery(plugin, sources.apiKey, saved);
      assert.equal(response.error, '');
      const lines = readFrames(response).flatMap((lineFrame) => lineFrame.column('body'));
      return lines.length === 1 && lines[0] === SENT_TRACE.line ? true : undefined;
    });
  });
  if (host === undefined) {
    return;
  }
  const requests: TracesRequest[] = [
    { view: 'search', services: [gateway] },
    { view: 'trace', traceId },
    { view: 'service-map', services: [gateway] },
  ];
  for (const request of requests) {
    await list.check(`micromegas: Grafana's decoder reads the frames of the view ${request.view}`, async () => {
      const frames = await host.query(sources.apiKey, { ...model(request) });
      assert.ok(frames.every(({ rowCount }) => rowCount > 0));
      const types = new Map(frames[0].names.map((name) => [name, frames[0].type(name)]));
      if (request.view === 'trace') {
        assert.deepEqual(
          ['traceID', 'startTime', 'duration', 'tags', 'logs', 'warnings', 'statusCode'].map((name) => types.get(name)),
          ['string', 'number', 'number', 'other', 'other', 'other', 'number']
        );
        assert.ok(Array.isArray(frames[0].column('tags')[0]));
      }
    });
  }
}
