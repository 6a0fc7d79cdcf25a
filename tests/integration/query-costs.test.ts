/**
 * Tests the data of the panel inspector over the plugin protocol. A result has a session id. The plugin finds the
 * records of the result in the server's audit log by this id.
 */
import { isSentStatement, type QueryCostsPayload, type SentStatement } from '../../contract/resources/query-costs';
import { type QueryFilter } from '../../contract/queries/query-filter';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { useDemoPlugin } from '../support/demo-plugin';
import { eventually } from '../support/eventually';
import { type ReadFrame, readFrames } from '../support/frames';
import { pluginContext, runQuery, type Source } from '../support/plugin';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LOGS: MicromegasQueryFields = {
  version: 2,
  format: 'table',
  query: 'SELECT time, msg FROM log_entries WHERE $__timeFilter(time) LIMIT 5',
};

const lake = useDemoPlugin();

async function firstFrame(model: MicromegasQueryFields, source: Source = lake.source): Promise<ReadFrame> {
  return readFrames(await runQuery(lake.plugin, source, model))[0];
}

function sentOf({ meta: { custom } }: ReadFrame): SentStatement {
  if (!isSentStatement(custom)) {
    throw new Error(`No statement was sent: ${JSON.stringify(custom)}`);
  }
  return custom;
}

async function costsOf(parameters: Record<string, string>) {
  const url = `query-costs?${new URLSearchParams(parameters)}`;
  const { status, body } = await lake.plugin.callResource({
    context: pluginContext(lake.source),
    path: 'query-costs',
    url,
  });
  const payload: QueryCostsPayload & { code?: string } = JSON.parse(new TextDecoder().decode(body));
  return { status, payload };
}

/** Repeats the request, because the demo writes a record only after the caller has the result. */
function recordedCosts({ session = '', startedMs }: SentStatement): Promise<QueryCostsPayload> {
  return eventually('The record', 10_000, async () => {
    const { payload } = await costsOf({ session, started: String(startedMs) });
    return payload.costs.length > 0 ? payload : undefined;
  });
}

it('finds the costs of a query by its session', async () => {
  const sent = sentOf(await firstFrame(LOGS));
  expect(sent.session).toMatch(UUID);
  expect(await recordedCosts(sent)).toEqual({
    hasRecords: true,
    costs: [
      {
        status: 'ok',
        sql: expect.stringMatching(/^SELECT time, msg FROM log_entries WHERE time >= '/),
        rows: 5,
        bytesScanned: expect.any(Number),
        peakMemoryBytes: expect.any(Number),
        spilledBytes: 0,
        totalMs: expect.any(Number),
        contextInitMs: expect.any(Number),
        planningMs: expect.any(Number),
        executionMs: expect.any(Number),
        setupMs: expect.any(Number),
      },
    ],
  });
});

it('finds the costs of a failed query', async () => {
  const sent = sentOf(await firstFrame({ ...LOGS, query: 'SELECT max(msg::integer) FROM log_entries' }));
  const { costs } = await recordedCosts(sent);
  expect(costs).toMatchObject([{ status: 'error', error: expect.any(String) }]);
});

it('finds the costs of a query without SQL', async () => {
  const frame = await firstFrame({ queryType: 'processes', processes: { view: 'list' } });
  const { costs } = await recordedCosts(sentOf(frame));
  expect(costs.length).toBeGreaterThan(0);
  expect(frame.meta.stats).toMatchObject([{ displayName: 'Session in the audit log' }]);
});

it('has a new session for each run, and ignores a session that the browser sends', async () => {
  const session = '00000000-0000-4000-8000-000000000000';
  const chosen = { ...LOGS, session, startedMs: 1 };
  const sessions = [sentOf(await firstFrame(chosen)).session, sentOf(await firstFrame(chosen)).session];
  expect(new Set([...sessions, session]).size).toBe(3);
});

it('returns the session in the statistics', async () => {
  const { meta } = await firstFrame(LOGS);
  const { session } = sentOf({ meta } as ReadFrame);
  expect(meta.stats).toContainEqual({
    displayName: 'Session in the audit log',
    value: 0,
    mappings: [{ type: 'value', options: { '0': { text: session, index: 0 } } }],
  });
});

it('marks the SQL that filters and macros inserted', async () => {
  const filters: QueryFilter[] = [{ key: 'level', operator: '=', value: '4' }];
  const frame = await firstFrame({ ...LOGS, format: 'logs', direction: 'backward', filters });
  const sql = frame.meta.executedQueryString ?? '';
  const parts = sentOf(frame).inserted?.map(({ start, end, by }) => [by, sql.slice(start, end)]);
  expect(parts).toContainEqual(['macro', expect.stringMatching(/^time >= '.*' AND time <= '.*'$/)]);
  expect(parts).toContainEqual(['filter', expect.stringContaining('level')]);
});

it('sends no session if attribution is off', async () => {
  const jsonData = { ...lake.source.jsonData, enableUserAttribution: false };
  const frame = await firstFrame(LOGS, { ...lake.source, uid: 'off', jsonData });
  expect(sentOf(frame).session).toBeUndefined();
  expect(frame.meta.stats).not.toContainEqual(expect.objectContaining({ displayName: 'Session in the audit log' }));
});

it('returns no costs for an unknown session', async () => {
  await recordedCosts(sentOf(await firstFrame(LOGS)));
  const session = '00000000-0000-4000-8000-000000000000';
  expect(await costsOf({ session, started: String(Date.now()) })).toEqual({
    status: 200,
    payload: { costs: [], hasRecords: true },
  });
});

it.each([
  [{}],
  [{ session: "' OR 1=1 --", started: '1' }],
  [{ session: '%', started: '1' }],
  [{ session: '00000000-0000-4000-8000-000000000000' }],
  [{ session: '00000000-0000-4000-8000-000000000000', started: '-1' }],
  [{ session: '00000000-0000-4000-8000-000000000000', started: '9'.repeat(16) }],
])('rejects invalid parameters (case %#)', async (parameters: Record<string, string>) => {
  expect(await costsOf(parameters)).toMatchObject({ status: 400, payload: { code: 'resource_invalid' } });
});
