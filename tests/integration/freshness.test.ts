/**
 * Tests the notices about the freshness of data, over the plugin protocol, in the demo's lakehouse. One process of the
 * demo ended 38 minutes before the start of the demo.
 */
import { randomUUID } from 'node:crypto';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type FreshnessNotices } from '../../contract/settings/settings';
import { processByKey } from '../../demo/lakehouse/story';
import { DataFrameFormat } from '../../proxy/generated/pluginv2/backend_pb';
import { useDemoPlugin } from '../support/demo-plugin';
import { eventually } from '../support/eventually';
import { readFrames } from '../support/frames';
import { dataQuery, pluginContext, runQuery, type QueryOptions, type Source } from '../support/plugin';

const lab = useDemoPlugin();
const ENDED = processByKey('server').id;
const DASHBOARD = { 'http_X-Dashboard-Uid': 'board' };
const WITHIN_MS = 30_000;

const linesOf = (processId: string) => `SELECT time, msg FROM log_entries WHERE process_id = '${processId}' LIMIT 5`;

function sourceWith(freshnessNotices: FreshnessNotices): Source {
  const { jsonData, ...source } = lab.source;
  return { ...source, uid: `freshness-${freshnessNotices}`, jsonData: { ...jsonData, freshnessNotices } };
}

interface Asked extends Pick<QueryOptions, 'headers' | 'range'> {
  model?: MicromegasQueryFields;
  source?: Source;
}

/** The notices about freshness in a response. */
async function noticesOf(query: string, { model, source = lab.source, ...options }: Asked = {}) {
  const response = await runQuery(lab.plugin, source, { query, version: 2, format: 'logs', ...model }, options);
  expect(response.error).toBe('');
  return readFrames(response).flatMap(({ meta }) => meta.notices?.filter(({ text }) => / arrived /.test(text)) ?? []);
}

/** The first notice. Queries are repeated, because the first ones may end before the freshness is known. */
function firstNotice(query: string, asked?: Asked) {
  return eventually('The notice', WITHIN_MS, async () => (await noticesOf(query, asked))[0]);
}

/** The statements about freshness that name a process. */
async function statementsAbout(processId: string) {
  const records = await lab.demo.audit();
  return records.filter(({ sql, entrypoint }) => entrypoint === 'freshness' && sql.includes(processId));
}

it("shows the delay of a process's data in Explore", async () => {
  expect(await firstNotice(linesOf(ENDED), { model: { timezone: 'Europe/Berlin' } })).toEqual({
    severity: 'warning',
    text: expect.stringMatching(
      /^Data complete up to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(Europe\/Berlin\): the newest log entries of the process arrived then, \d+ minutes before this query\.$/
    ),
  });
  const [record, ...others] = await statementsAbout(ENDED);
  expect(record).toMatchObject({ user: 'ada', status: 'ok' });
  expect(others).toEqual([]);
});

it('has no notice for complete data, past ranges, the log volume, variables, alert rules and dashboards', async () => {
  await firstNotice(linesOf(ENDED));
  const hourAgo = lab.demo.lakehouseStartMs - 3_600_000;
  const ended = { fromMs: hourAgo - 3_600_000, toMs: hourAgo };
  expect(await noticesOf(linesOf(processByKey('matchmaker').id))).toEqual([]);
  expect(await noticesOf(linesOf(ENDED), { range: ended })).toEqual([]);
  expect(await noticesOf(linesOf(ENDED), { model: { supplementary: { type: 'logs-volume' } } })).toEqual([]);
  expect(await noticesOf(linesOf(ENDED), { model: { purpose: 'variable', format: 'table' } })).toEqual([]);
  expect(await noticesOf(linesOf(ENDED), { headers: { FromAlert: 'true' } })).toEqual([]);
  expect(await noticesOf(linesOf(ENDED), { headers: DASHBOARD })).toEqual([]);
});

it('sends one statement about all processes for the panels of a dashboard, also after a refresh', async () => {
  const statements = async () =>
    (await lab.demo.audit()).filter(({ sql, entrypoint }) => entrypoint === 'freshness' && / FROM streams$/.test(sql));
  const before = (await statements()).length;
  const source = { ...lab.source, uid: 'dashboard' };
  const panels = Array.from({ length: 20 }, (_, panel) => `SELECT ${panel} AS n, time FROM log_entries LIMIT 1`);
  for (let refresh = 0; refresh < 2; refresh++) {
    await Promise.all(
      panels.map((query) => noticesOf(query, { source, headers: DASHBOARD, model: { format: 'table' } }))
    );
  }
  const sent = await eventually('The statement', WITHIN_MS, async () => {
    const found = (await statements()).slice(before);
    return found.length > 0 ? found : undefined;
  });
  expect(sent.map(({ user }) => user)).toEqual(['ada']);
});

it('sends no statement about freshness if the data source disables the notices', async () => {
  const [id, later] = [randomUUID(), randomUUID()];
  expect(await noticesOf(linesOf(id), { source: sourceWith('off') })).toEqual([]);
  await firstNotice(linesOf(later));
  expect(await statementsAbout(later)).toHaveLength(1);
  expect(await statementsAbout(id)).toEqual([]);
});

it('shows the notice if the result has no rows, in a whole response and in a response in parts', async () => {
  const query = linesOf(ENDED).replace('LIMIT 5', "AND msg = 'no such line'");
  expect((await firstNotice(query)).severity).toBe('warning');
  const chunks = await lab.plugin.queryChunkedData({
    pluginContext: pluginContext(lab.source),
    queries: [dataQuery('A', { query, version: 2, format: 'logs' })],
    format: DataFrameFormat.ARROW,
  });
  const notices = readFrames({ frames: chunks.map(({ frame }) => frame) }).flatMap(({ meta }) => meta.notices ?? []);
  expect(notices).toEqual([{ severity: 'warning', text: expect.stringContaining('Data complete up to') }]);
});
