/**
 * Filters over the plugin protocol: the built plugin inserts them into the SQL, and marks the columns that can be
 * filtered.
 */
import { type QueryFilter } from '../../contract/queries/query-filter';
import { ERRORS } from '../../proxy/base/errors/catalogue';
import { useDemoPlugin } from '../support/demo-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, readFrames } from '../support/frames';
import { dataQuery, pluginContext, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useDemoPlugin();

expectNoSecretsAtEnd();

const filterOf = (key: string, operator: QueryFilter['operator'], value = '', values?: string[]): QueryFilter => ({
  key,
  operator,
  value,
  ...(values && { values }),
});

/** The end of the range. No more lines arrive for the range, so two queries read the same rows. */
const toMs = Date.now() - 15 * 60_000;
const range = { fromMs: toMs - 2 * 3_600_000, toMs };

const ask = (query: string, filters: QueryFilter[] = [], model: object = {}) =>
  runQuery(lab.plugin, lab.source, { query, version: 2, autoLimit: false, filters, ...model }, { range });

async function stringsIn(
  query: string,
  column: string,
  filters: QueryFilter[] = [],
  model: object = {}
): Promise<string[]> {
  return onlyFrame(await ask(query, filters, model))
    .column(column)
    .map(String)
    .sort();
}

const BY_EXE = 'SELECT exe, count(*) AS n FROM log_entries GROUP BY exe ORDER BY exe';

it('returns the rows that match a filter, and all rows without a filter', async () => {
  const all = await stringsIn(BY_EXE, 'exe');
  expect(all.length).toBeGreaterThan(2);
  const [first, second] = all;
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', '=', first)])).toEqual([first]);
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', '!=', first)])).toEqual(all.slice(1));
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', '=|', '', [first, second])])).toEqual([first, second]);
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', '!=|', '', [first, second])])).toEqual(all.slice(2));
  const part = first.slice(1, 6);
  const withPart = all.filter((exe) => exe.includes(part));
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', '=~', part)])).toEqual(withPart);
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', '!~', part)])).toEqual(
    all.filter((exe) => !withPart.includes(exe))
  );
  expect(await stringsIn(BY_EXE, 'exe', [filterOf('exe', 'contains', part)])).toEqual(withPart);
});

it('combines saved filters and ad hoc filters', async () => {
  const [first, second] = await stringsIn(BY_EXE, 'exe');
  const saved = [filterOf('exe', '=|', '', [first, second])];
  expect(await stringsIn(BY_EXE, 'exe', saved, { adHocFilters: [filterOf('exe', '!=', second)] })).toEqual([first]);
});

it('filters CTEs, joins and unions, and shows the SQL that was run', async () => {
  const [exe] = await stringsIn(BY_EXE, 'exe');
  const sql = `WITH logs AS (SELECT exe AS program, level FROM log_entries WHERE level < 3 OR level = 4)
    SELECT program FROM logs UNION ALL SELECT p.exe FROM streams s JOIN processes p ON p.process_id = s.process_id`;
  const frame = onlyFrame(await ask(sql, [filterOf('program', '=', exe)]));
  expect(new Set(frame.column('program').map(String))).toEqual(new Set([exe]));
  expect(frame.meta.executedQueryString).toContain(`WHERE (level < 3 OR level = 4) AND (log_entries.exe = '${exe}')`);
});

it('inserts the filters only at $__adHocFilters', async () => {
  const [first, second] = await stringsIn(BY_EXE, 'exe');
  const sql = `SELECT exe FROM log_entries WHERE $__adHocFilters UNION SELECT exe FROM measures WHERE exe = '${second}'`;
  const found = await stringsIn(sql, 'exe', [filterOf('exe', '=', first)]);
  expect(found).toEqual([first, second]);
});

it('filters times with exact bounds, in ISO 8601 and in milliseconds', async () => {
  const middle = new Date((range.fromMs + range.toMs) / 2).toISOString();
  const count = async (filters: QueryFilter[]) =>
    Number(onlyFrame(await ask('SELECT count(*) AS n FROM log_entries', filters)).column('n')[0]);
  const all = await count([]);
  const before = await count([filterOf('time', '<', middle)]);
  const after = await count([filterOf('time', '>=', String(Date.parse(middle)))]);
  expect(before).toBeGreaterThan(0);
  expect(before + after).toBe(all);
});

it('filters log lines by the fields of a log frame', async () => {
  const sql =
    'SELECT time, level, exe, msg, properties, process_properties FROM log_entries ORDER BY time DESC LIMIT 2000';
  const lines = async (...filters: QueryFilter[]) => onlyFrame(await ask(sql, filters, { format: 'logs' }));
  expect(new Set((await lines(filterOf('level', '=', 'error'))).column('severity'))).toEqual(new Set(['error']));
  expect((await lines(filterOf('detected_level', '!=', 'info'))).column('severity')).not.toContain('info');
  const [body] = (await lines()).column('body').map(String);
  const word = body.split(' ')[0];
  const found = (await lines(filterOf('body', 'contains', word))).column('body').map(String);
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((value) => value.includes(word))).toBe(true);
});

it('filters by the labels of log lines', async () => {
  const sql = 'SELECT time, exe, msg, properties, process_properties FROM log_entries ORDER BY time DESC LIMIT 500';
  const labelsOf = async (...filters: QueryFilter[]): Promise<Array<Record<string, unknown>>> =>
    onlyFrame(await ask(sql, filters, { format: 'logs' }))
      .column('labels')
      .map((bytes) => JSON.parse(Buffer.from(bytes as Uint8Array).toString()));
  const all = await labelsOf();
  const pairs = all.flatMap((labels) => Object.entries(labels));
  const property = pairs.find(
    ([key, value]) => typeof value === 'string' && key !== 'exe' && !key.startsWith('process.')
  );
  const ofProcess = pairs.find(([key]) => key.startsWith('process.'));
  for (const [key, value] of [property, ofProcess].filter((pair) => pair !== undefined)) {
    const kept = await labelsOf(filterOf(key, '=', String(value)));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((labels) => labels[key] === value)).toBe(true);
    const others = await labelsOf(filterOf(key, '!=', String(value)));
    expect(others.every((labels) => labels[key] !== value)).toBe(true);
  }
  expect([property, ofProcess]).not.toContain(undefined);
});

it('filters views of a process, and requests their columns from the server once', async () => {
  const [id] = await stringsIn(`SELECT process_id FROM streams WHERE array_has(tags, 'trace') LIMIT 1`, 'process_id');
  const sql = `SELECT name, kind, trace_id FROM view_instance('otel_spans', '${id}') LIMIT 200`;
  const frame = onlyFrame(await ask(sql));
  const [kind] = frame.column('kind').map(String);
  expect(new Set(await stringsIn(sql, 'kind', [filterOf('kind', '=', kind)]))).toEqual(new Set([kind]));
  expect(new Set(await stringsIn(sql, 'kind', [filterOf('kind', '=', kind)]))).toEqual(new Set([kind]));
  const schemaQueries = (await lab.demo.audit()).filter((record) => record.sql.endsWith(`'${id}') LIMIT 0`));
  expect(schemaQueries).toHaveLength(1);
  expect(schemaQueries[0].entrypoint).toBe('schema');
});

it('runs a query with a filter that has no effect, and names the filter in a notice', async () => {
  const frame = onlyFrame(await ask('SELECT stream_id FROM streams', [filterOf('level', '=', 'error')]));
  expect(frame.rowCount).toBeGreaterThan(0);
  expect(frame.meta.notices).toContainEqual({
    severity: 'warning',
    text: expect.stringMatching(
      /^The filter "level = error" has no effect on this query: no table of the query has the column/
    ),
  });
});

it.each([
  [
    'a value that the column cannot have',
    'SELECT * FROM log_entries',
    filterOf('level', '=', 'loud'),
    'filter_invalid',
  ],
  ['SQL that cannot be parsed', 'SELEC exe', filterOf('exe', '=', 'x'), 'filter_not_applicable'],
] as const)('rejects %s, and runs nothing', async (_name, query, filter, code) => {
  const sentBefore = (await lab.demo.audit()).length;
  const { error, status } = await ask(query, [filter]);
  expect(codeOf(error)).toBe(code);
  expect(status).toBe(ERRORS[code].status);
  const sent = (await lab.demo.audit()).slice(sentBefore).filter((record) => record.entrypoint !== 'schema');
  expect(sent).toEqual([]);
});

it('ignores list filters without a selected value', async () => {
  const sql = 'SELECT count(*) AS n FROM log_entries';
  const empty: QueryFilter[] = [
    { key: 'exe', operator: '=|', value: '', values: [] },
    { key: 'target', operator: '!=|', value: '' },
  ];
  expect(onlyFrame(await ask(sql, empty)).meta.executedQueryString).toBe(sql);
});

it('sends SQL without filters unchanged', async () => {
  const sql = 'SELECT exe  -- two spaces\nFROM log_entries\tLIMIT 1';
  const frame = onlyFrame(await ask(sql));
  expect(frame.meta.executedQueryString).toBe(sql);
});

it('marks columns of tables as filterable', async () => {
  const sql = `WITH a AS (SELECT exe AS program, level, msg, time, properties, upper(exe) AS shouted FROM log_entries)
    SELECT *, count(*) OVER () AS n FROM a LIMIT 3`;
  const frame = onlyFrame(await ask(sql));
  const filterable = Object.keys(frame.types).filter((name) => frame.config(name).filterable === true);
  expect(filterable).toEqual(['program', 'level', 'msg']);
  expect(frame.config('level').mappings).toBeDefined();
});

it('marks no columns in the result of an alert rule', async () => {
  const model = { query: 'SELECT exe, msg FROM log_entries LIMIT 3', version: 2 };
  const frame = onlyFrame(await runQuery(lab.plugin, lab.source, model, { range, headers: { fromalert: 'true' } }));
  expect(['exe', 'msg'].map((name) => frame.config(name))).toEqual([{}, {}]);
});

it('marks grouped columns as filterable, but no aggregates', async () => {
  const frame = onlyFrame(await ask(BY_EXE));
  expect(frame.config('exe')).toEqual({ filterable: true });
  expect(frame.config('n')).toEqual({});
});

it('marks body, level and further fields of log frames as filterable', async () => {
  const frame = onlyFrame(
    await ask('SELECT time, level, msg, exe, stream_id FROM log_entries LIMIT 5', [], { format: 'logs' })
  );
  const filterable = Object.keys(frame.types).filter((name) => frame.config(name).filterable === true);
  expect(filterable).toEqual(['body', 'severity', 'stream_id']);
});

it('marks columns as filterable in results that are sent in parts, even if the query was analysed before', async () => {
  for (const _round of [1, 2]) {
    const chunks = await lab.plugin.queryChunkedData({
      pluginContext: pluginContext(lab.source),
      queries: [dataQuery('A', { query: 'SELECT exe, 1 AS one FROM processes', version: 2 }, { range })],
    });
    const [frame] = readFrames({ frames: [chunks[0].frame] } as never);
    expect([frame.config('exe').filterable, frame.config('one').filterable]).toEqual([true, undefined]);
  }
});
