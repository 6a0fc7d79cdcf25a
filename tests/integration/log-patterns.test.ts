/** Patterns of log lines over the plugin protocol, in the demo's lakehouse. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { codeOf } from '../support/error-code';
import { noticesOf, onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSharedPlugin } from '../support/shared-plugin';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

const MINUTE = 60_000;
const NOW = lab.demo.lakehouseStartMs;
/** The begin of the demo's incident is in the first minutes of this range. */
const RANGE = { fromMs: NOW - 45 * MINUTE, toMs: NOW - 30 * MINUTE };
const LINES = 'SELECT time, level, target, msg, process_id FROM log_entries WHERE $__timeFilter(time)';
const CAUSE = 'configuration revision <*> applied: session_pool.size <*> -> <*>';
const RULE = { headers: { FromAlert: 'true' } };

const ask = (query: string, more: MicromegasQueryFields = {}, options = {}) =>
  runQuery(
    lab.plugin,
    lab.source,
    { query, version: 2, autoLimit: false, format: 'patterns', ...more },
    { range: RANGE, ...options }
  );
const table = async (query = LINES, more: MicromegasQueryFields = {}) => readFrames(await ask(query, more))[0];
const countLines = async (condition = 'true') =>
  Number(
    onlyFrame(
      await runQuery(
        lab.plugin,
        lab.source,
        { query: `SELECT count(*) AS n FROM log_entries WHERE ${condition}`, version: 2, autoLimit: false },
        { range: RANGE }
      )
    ).column('n')[0]
  );
const sumOf = (numbers: readonly unknown[]) => numbers.map(Number).reduce((sum, number) => sum + number, 0);
const rowOf = (frame: ReadFrame, pattern: string) => frame.column('pattern').indexOf(pattern);

function linkedQuery(frame: ReadFrame, field: string, row: number): MicromegasQueryFields {
  const { patterns } = JSON.parse(String(frame.column(field)[row])) as {
    patterns: { queries: MicromegasQueryFields[] };
  };
  return patterns.queries[0];
}

it('counts all lines, and shows the patterns with the most lines first', async () => {
  const frame = await table(LINES, { rowLimit: 1000 });
  const lines = frame.column('lines').map(Number);
  expect(sumOf(lines)).toBe(await countLines());
  expect(lines).toEqual(lines.toSorted((a, b) => b - a));
  expect(sumOf(frame.column('share'))).toBeCloseTo(1);
  for (const [row, json] of frame.column('trend').entries()) {
    expect(sumOf(JSON.parse(new TextDecoder().decode(json as Uint8Array)))).toBe(lines[row]);
  }
  expect(noticesOf(frame)).toEqual([]);
});

it('marks the patterns that no line of the range before has', async () => {
  const frame = await table(LINES, { patterns: { order: 'new' } });
  const stateOf = (pattern: string) => frame.column('new')[rowOf(frame, pattern)];
  expect(stateOf('session pool exhausted: <*> waiting for <*> connections')).toBe('new');
  expect(stateOf('POST /<*>/match <*> in <*>.<*> ms')).toBe('');
  const isNew = frame.column('new').map((word) => word === 'new');
  expect(isNew).toEqual(isNew.toSorted((a, b) => Number(b) - Number(a)));
  const row = rowOf(frame, CAUSE);
  expect(frame.column('lines')[row]).toBe(1);
  expect(frame.column('programs')[row]).toBe('ember/matchmaker');
  expect(String(frame.column('example')[row])).toMatch(/^configuration revision \d+ applied/);
});

it('puts the rarest patterns first, and says how many are not shown', async () => {
  const frame = await table(LINES, { patterns: { order: 'rare' }, rowLimit: 3 });
  expect(frame.column('lines').map(Number)).toEqual([1, 1, 1]);
  expect(noticesOf(frame)).toEqual([expect.stringMatching(/^\d+ patterns were found\. The first 3 are shown\./)]);
});

it('opens the lines of a pattern, their number over time, and the patterns without it', async () => {
  const frame = await table();
  const row = rowOf(frame, 'session pool exhausted: <*> waiting for <*> connections');
  const lines = Number(frame.column('lines')[row]);
  expect(await countLines("msg LIKE 'session pool exhausted: %'")).toBe(lines);
  const open = async (field: string) =>
    readFrames(await runQuery(lab.plugin, lab.source, linkedQuery(frame, field, row), { range: RANGE }));
  const [found] = await open('lines_panes');
  expect(found.rowCount).toBe(Math.min(1000, lines));
  expect(found.column('body').every((body) => String(body).startsWith('session pool exhausted'))).toBe(true);
  const [series, ...others] = await open('over_time_panes');
  expect(others).toEqual([]);
  expect(sumOf(series.column('lines'))).toBe(lines);
  const [rest] = await open('filter_out_panes');
  expect(rest.column('pattern')).toEqual(frame.column('pattern').filter((_pattern, at) => at !== row));
});

it('returns at most ten patterns and the sum of the others as series, also to alert rules', async () => {
  for (const options of [{}, RULE]) {
    const frames = readFrames(await ask(LINES, { patterns: { result: 'over-time' } }, options));
    expect(frames).toHaveLength(11);
    expect(frames.flatMap((frame) => frame.column('lines')).map(Number)).toHaveLength(
      frames.length * frames[0].rowCount
    );
    expect(sumOf(frames.flatMap((frame) => frame.column('lines')))).toBe(await countLines());
  }
});

it('returns the number of new patterns, and their list, to alert rules', async () => {
  const errors = `${LINES} AND level <= 2`;
  const list = onlyFrame(await ask(errors, { patterns: { result: 'new-list' } }, RULE));
  expect(list.rowCount).toBeGreaterThan(0);
  const count = onlyFrame(await ask(errors, { patterns: { result: 'new' } }, RULE));
  expect(count.column('new_patterns').map(Number)).toEqual([list.rowCount]);
  const none = onlyFrame(await ask(`${LINES} AND target = 'no.such.target'`, { patterns: { result: 'new' } }, RULE));
  expect(none.column('new_patterns').map(Number)).toEqual([0]);
});

it('does not give a table to an alert rule', async () => {
  const { error } = await ask(LINES, {}, RULE);
  expect(codeOf(error)).toBe('query_field_invalid');
  expect(error).toContain('Over time');
});

it.each([
  ['its own condition on time', `${LINES} AND time >= '${new Date(RANGE.fromMs).toISOString()}'`],
  ['the clock', `${LINES} AND time > now() - interval '2 days'`],
])('does not say that a pattern is new if the query has %s', async (_name, query) => {
  const frame = await table(query);
  expect(new Set(frame.column('new'))).toEqual(new Set(['unknown']));
  expect(noticesOf(frame)).toEqual([expect.stringContaining('It is not known which patterns are new.')]);
  const { error } = await ask(query, { patterns: { result: 'new' } }, RULE);
  expect(codeOf(error)).toBe('alert_result_truncated');
});

it('says so if no line fulfils the query', async () => {
  const frame = await table(`${LINES} AND target = 'no.such.target'`);
  expect(frame.rowCount).toBe(0);
  expect(noticesOf(frame)).toEqual([expect.stringMatching(/^No log line fulfils the query from /)]);
});

it.each([
  ['no text', 'SELECT time, level FROM log_entries'],
  ['another time', "SELECT time, msg FROM log_entries WHERE $__timeFilter($__timeShift(time, '1d'))"],
])('rejects a query with %s', async (_name, query) => {
  expect(codeOf((await ask(query)).error)).toBe('patterns_not_counted');
});
