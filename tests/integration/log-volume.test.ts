/**
 * The log volume over the plugin protocol: the built plugin counts the lines of a logs query by time and level. It
 * ignores the limit of the query, and counts every line once.
 */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type QueryFilter } from '../../contract/queries/query-filter';
import { DataFrameFormat } from '../../proxy/generated/pluginv2/backend_pb';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { pluginContext, dataQuery, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

const MINUTE_MS = 60_000;
/**
 * Some lines of the demo arrive up to four minutes after their time. So the range ends five minutes in the past, and
 * two queries read the same lines. Neither the start nor the end of the range is a full minute.
 */
const toMs = lab.demo.lakehouseStartMs - 5 * MINUTE_MS;
const range = { fromMs: toMs - 25 * MINUTE_MS - 12_345, toMs };

interface Ask {
  filters?: QueryFilter[];
  model?: object;
  intervalMs?: number;
  headers?: Record<string, string>;
}

const ask = (query: string, { filters = [], model = {}, intervalMs = MINUTE_MS, headers }: Ask = {}) =>
  runQuery(
    lab.plugin,
    lab.source,
    { query, version: 2, format: 'logs', autoLimit: false, filters, ...model },
    { range, intervalMs, headers }
  );

/** The frames of the volume. */
async function volume(query: string, { model, ...rest }: Ask = {}): Promise<ReadFrame[]> {
  const response = await ask(query, { ...rest, model: { supplementary: { type: 'logs-volume' }, ...model } });
  expect(response.error).toBe('');
  return readFrames(response);
}

/** Lines by level and start of the bin. */
type Counts = Record<string, number>;

function countsOf(frames: readonly ReadFrame[]): Counts {
  const counts: Counts = {};
  for (const frame of frames) {
    const times = frame.column('time').map(Number);
    const { level } = frame.labels('lines');
    frame.column('lines').forEach((count, row) => (counts[`${level} ${times[row]}`] = Number(count)));
  }
  return counts;
}

/** The expected counts, computed from all lines. A line without a level has the level `unknown`. */
function countLines(frame: ReadFrame, widthMs: number): Counts {
  const counts: Counts = {};
  const levels = 'severity' in frame.types ? frame.column('severity') : [];
  frame.column('timestamp').forEach((time, row) => {
    const key = `${String(levels[row] ?? 'unknown')} ${Math.floor(Number(time) / widthMs) * widthMs}`;
    counts[key] = (counts[key] ?? 0) + 1;
  });
  return counts;
}

/** The lines of the whole result, as a log frame has them. */
const linesOf = async (query: string, filters: QueryFilter[] = []) => onlyFrame(await ask(query, { filters }));

const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0);
const sqlOf = ([frame]: readonly ReadFrame[]) => frame?.meta.executedQueryString ?? '';

/** Conditions for which the volume can be read from `log_stats`, and other conditions. */
const CONDITIONS = [
  'level <= 3',
  'level IN (2, 4, 6)',
  "target LIKE 'ember%'",
  "NOT target = 'ember::net'",
  '$__timeFilter(time)',
  "$__conditionalAll(target <> 'x', 'y')",
  "process_id > '7'",
  "msg LIKE '%1%'",
  "exe <> 'editor'",
  "time < $__timeTo - interval '17 minutes'",
  "property_get(properties, 'region') = 'eu-west'",
  'process_id IN (SELECT process_id FROM processes WHERE exe LIKE $$%e%$$)',
];
const LISTS = ['*', 'time, level, msg', 'time, msg, level AS severity, lower(target) AS target'];
const TABLES = ['log_entries', 'log_entries AS l', '(SELECT * FROM log_entries WHERE level < 6) AS inner_lines'];

function randomQueries(seed: number, count: number): string[] {
  const random = randomNumbers(seed);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)];
  return Array.from({ length: count }, () => {
    const conditions = Array.from({ length: Math.floor(random() * 4) }, () => pick(CONDITIONS));
    const where = conditions.length === 0 ? '' : ` WHERE (${conditions.join(random() < 0.7 ? ' AND ' : ' OR ')})`;
    return `SELECT ${pick(LISTS)} FROM ${pick(TABLES)}${where}`;
  });
}

it.each(randomQueries(15, 14))('counts every line once: %s', async (query) => {
  const counts = countsOf(await volume(`${query} ORDER BY time DESC LIMIT 7`));
  const lines = await linesOf(query);
  expect(counts).toEqual(countLines(lines, MINUTE_MS));
});

it.each([
  [
    'a CTE with a limit of its own',
    'WITH recent AS (SELECT * FROM log_entries ORDER BY time DESC, msg LIMIT 1000) SELECT time, level, msg FROM recent WHERE level < 5',
  ],
  [
    'a join',
    'SELECT l.time, l.level, p.exe, l.msg FROM log_entries l JOIN processes p ON p.process_id = l.process_id WHERE l.level <= 3',
  ],
  [
    'a union',
    'SELECT time, level, msg FROM log_entries WHERE level = 2 UNION ALL SELECT time, level, msg FROM log_entries WHERE level < 4',
  ],
  ['distinct lines', 'SELECT DISTINCT time, level, target AS msg FROM log_entries WHERE level < 5'],
  ['groups', "SELECT date_trunc('minute', time) AS time, level, target AS msg FROM log_entries GROUP BY 1, 2, 3"],
  ['levels as words', "SELECT time, CASE WHEN level <= 2 THEN 'ERROR' ELSE 'Debug' END AS level, msg FROM log_entries"],
  ['a computed time', "SELECT time + interval '3 minutes' AS time, level, msg FROM log_entries"],
])('counts every line once: %s', async (_name, query) => {
  const counts = countsOf(await volume(`${query} LIMIT 3`));
  const words: Counts = {};
  for (const [key, count] of Object.entries(countLines(await linesOf(query), MINUTE_MS))) {
    words[key.toLowerCase()] = count;
  }
  expect(sum(counts)).toBeGreaterThan(0);
  expect(counts).toEqual(words);
});

it('counts the first and the last minute in log_entries, and the minutes between them in log_stats if the conditions allow it', async () => {
  const frames = await volume('SELECT time, msg FROM log_entries l WHERE $__timeFilter(l.time) AND level <= 4 LIMIT 5');
  expect(sqlOf(frames)).toMatch(/FROM log_stats AS l WHERE \(true AND level <= 4\s\) AND/);
  expect(sqlOf(frames).match(/FROM log_entries AS l/g)).toHaveLength(2);
  expect(frames.map((frame) => frame.labels('lines').level)).toEqual(
    expect.arrayContaining(['error', 'warning', 'info'])
  );
  expect(frames[0].meta).toMatchObject({ type: 'timeseries-multi' });
  // Bins of seconds need the lines themselves.
  const seconds = await volume('SELECT time, msg FROM log_entries l WHERE level <= 4', { intervalMs: 1000 });
  expect(sqlOf(seconds)).not.toContain('log_stats');
  expect(sum(countsOf(seconds))).toBe(sum(countsOf(frames)));
});

it('counts the lines of one process', async () => {
  const [process] = onlyFrame(
    await ask("SELECT process_id FROM log_entries WHERE target = 'ember.http' LIMIT 1", { model: { format: 'table' } })
  )
    .column('process_id')
    .map(String);
  const query = `SELECT * FROM view_instance('log_entries', '${process}')`;
  const frames = await volume(`${query} ORDER BY time LIMIT 1`);
  expect(sqlOf(frames)).toContain('log_stats');
  expect(countsOf(frames)).toEqual(countLines(await linesOf(query), MINUTE_MS));
});

it('counts with the saved filters and the ad hoc filters of the query', async () => {
  const query = 'SELECT time, level, exe, msg FROM log_entries';
  const filters: QueryFilter[] = [{ key: 'level', operator: '=|', value: '', values: ['error', 'warning'] }];
  const byLevel = await volume(query, { filters });
  expect(sqlOf(byLevel)).toContain('log_stats');
  expect(countsOf(byLevel)).toEqual(countLines(await linesOf(query, filters), MINUTE_MS));
  const adHocFilters: QueryFilter[] = [{ key: 'body', operator: 'contains', value: 'a' }];
  const byBody = await volume(`${query} LIMIT 4`, { filters, model: { adHocFilters } });
  expect(sqlOf(byBody)).not.toContain('log_stats');
  expect(countsOf(byBody)).toEqual(countLines(await linesOf(query, [...filters, ...adHocFilters]), MINUTE_MS));
});

it('returns the length of its bins, so that Grafana shows bins without lines as gaps', async () => {
  const frames = await volume('SELECT time, level, msg FROM log_entries');
  expect(frames.length).toBeGreaterThan(1);
  expect(frames.map((frame) => frame.config('time'))).toEqual(frames.map(() => ({ interval: MINUTE_MS })));
});

it('expands macros with the interval of the logs query', async () => {
  const model = { supplementary: { type: 'logs-volume', intervalMs: 1000 } };
  const frames = await volume('SELECT time, level, msg FROM log_entries WHERE $__interval_ms = 1000 AND level < 3', {
    model,
  });
  expect(sum(countsOf(frames))).toBeGreaterThan(0);
  expect(sqlOf(frames)).toContain("date_bin(interval '60 second'");
});

it('counts only lines in the time range, even for a query without a time filter', async () => {
  const query = 'SELECT time, level, msg FROM log_entries WHERE level <= 3';
  const frames = await volume(query, { model: { timeFilter: false } });
  expect(sqlOf(frames)).not.toContain('log_stats');
  expect(countsOf(frames)).toEqual(countLines(await linesOf(query), MINUTE_MS));
});

it('returns no frames if there are no lines', async () => {
  expect(await volume('SELECT time, level, msg FROM log_entries WHERE level = 99')).toEqual([]);
  expect(await volume("SELECT time, level, msg FROM log_entries WHERE msg = 'nothing'")).toEqual([]);
});

it.each([
  ['no time column', 'SELECT msg, level FROM log_entries', 'volume_not_countable'],
  ['a limit in parentheses', '(SELECT time, msg FROM log_entries LIMIT 5)', 'volume_not_countable'],
  ['no SELECT', 'SHOW TABLES', 'volume_not_countable'],
  ['a name with a dollar', 'SELECT time AS "a$__from", msg FROM log_entries', 'volume_not_countable'],
  ['an unknown column', "SELECT time, msg FROM log_entries WHERE nope = 'x'", 'query_invalid'],
])('explains why there is no volume: %s', async (_name, query, code) => {
  const { error, frames } = await ask(query, { model: { supplementary: { type: 'logs-volume' } } });
  expect(codeOf(error)).toBe(code);
  expect(code !== 'volume_not_countable' || error.length <= 100).toBe(true);
  expect(readFrames({ frames }).every((frame) => frame.rowCount === 0)).toBe(true);
});

it('if the format is wrong and a filter is not applicable, reports the format', async () => {
  const filters: QueryFilter[] = [{ key: 'no_column', operator: '=', value: 'x' }];
  const model: MicromegasQueryFields = { format: 'table', supplementary: { type: 'logs-volume' } };
  const { error } = await ask('SELECT time, msg FROM log_entries', { filters, model });
  expect(codeOf(error)).toBe('volume_not_countable');
});

it('fails if there are too many different times to count every line', async () => {
  const query =
    "SELECT time + interval '1 minute' * i AS time, msg FROM (SELECT time, msg FROM log_entries LIMIT 1) AS one, range(100000) AS r(i) LIMIT 3";
  const { error } = await ask(query, { model: { supplementary: { type: 'logs-volume' } } });
  expect(codeOf(error)).toBe('result_too_large');
  expect(error.length).toBeLessThanOrEqual(100);
});

it("reports the position of an error in the author's SQL", async () => {
  const query = "-- lines\nSELECT time, msg FROM log_entries WHERE\n  nope = 'x' LIMIT 5";
  const { error } = await ask(query, { model: { supplementary: { type: 'logs-volume' } } });
  expect(error).toMatch(/line 3, column 3/);
});

it('rejects supplementary queries other than the log volume, and returns the lines themselves to an alert rule', async () => {
  const query = 'SELECT time, level, msg FROM log_entries LIMIT 3';
  const other = await ask(query, { model: { supplementary: { type: 'logs-sample' } } });
  expect(codeOf(other.error)).toBe('query_model_invalid');
  const alert = await ask(query, {
    model: { supplementary: { type: 'logs-volume' } },
    headers: { FromAlert: 'true' },
  });
  expect(onlyFrame(alert).rowCount).toBe(3);
});

it('is recorded in the audit log with the user and the entrypoint of Explore', async () => {
  const before = (await lab.demo.audit()).length;
  await volume("SELECT time, msg FROM log_entries WHERE msg <> 'audited' LIMIT 5");
  const records = (await lab.demo.audit()).slice(before).filter(({ sql }) => sql.includes('audited'));
  expect(records.map(({ entrypoint }) => entrypoint)).toEqual(['schema', 'explore']);
  expect(records.map(({ user }) => user)).toEqual(['ada', 'ada']);
});

it('counts in responses that are sent in parts', async () => {
  const query = 'SELECT time, level, msg FROM log_entries LIMIT 5';
  const model = { query, version: 2, format: 'logs' as const, supplementary: { type: 'logs-volume' as const } };
  const chunks = await lab.plugin.queryChunkedData({
    pluginContext: pluginContext(lab.source),
    queries: [dataQuery('log-volume-A', model, { range, intervalMs: MINUTE_MS })],
    format: DataFrameFormat.ARROW,
  });
  expect(new Set(chunks.map(({ frameId }) => frameId)).size).toBe(chunks.length);
  const response = { frames: chunks.map(({ frame }) => frame) };
  expect(countsOf(readFrames(response))).toEqual(countsOf(await volume(query)));
});
