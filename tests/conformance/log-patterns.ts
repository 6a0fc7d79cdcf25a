/**
 * Checks the patterns of log lines of a real Micromegas: the numbers of lines, and the conditions that select the lines
 * of a pattern.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { type KeySources } from './sources';

const MINUTE_MS = 60_000;
const EXE = `patterns-${randomBytes(4).toString('hex')}`;

/** Templates of lines. `#` stands for a number, `@` for a UUID. */
const TEMPLATES = [
  'request # took # ms',
  "user \"o'brien\" said: '100%' of C:\\temp\\file#",
  'glob *.mesh? [a-z] (x|y) {#} ^start end$ $var $__from',
  'two  blanks and\ttabs #',
  'first line #\nsecond line #\r\nthird',
  'session @ closed',
  '  leads with blanks #',
  'Grüße aus Köln, Nr. # 日本語',
  'literal <*> and # of <…>',
  'path /api/v#/users/#/orders',
  '{"key":"value","n":#}',
  'no variable part',
];
const LINES_OF_TEMPLATE = 7;
/** A template that has no line before the range. */
const NEW_TEMPLATE = 'pool size # -> #';

function fill(template: string, line: number): string {
  const uuid = `0f8fad5b-d9cb-469f-a165-7086772895${String(line).padStart(2, '0')}`;
  return template.replaceAll('#', () => String(1000 + line * 37)).replaceAll('@', () => uuid);
}

async function send(ingestion: string, atMs: number, bodies: readonly string[]): Promise<void> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: EXE } }] };
  const logRecords = bodies.map((body, index) => ({
    timeUnixNano: String(BigInt(Math.floor(atMs) + index) * 1_000_000n),
    severityNumber: 9,
    body: { stringValue: body },
  }));
  const response = await fetch(`${ingestion}/ingestion/otlp/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'patterns' }, logRecords }] }] }),
  });
  assert.ok(response.ok, await response.text());
}

/** The query that the link of an action opens. */
function linkedQueries(frame: ReadFrame, field: string): MicromegasQueryFields[] {
  return frame.column(field).map((json) => {
    const { patterns } = JSON.parse(String(json)) as { patterns: { queries: [MicromegasQueryFields] } };
    return patterns.queries[0];
  });
}

/** @param withinMs Maximum time until the server shows the sent telemetry. */
export async function checkLogPatterns(
  list: Checklist,
  { plugin, sources, ingestion }: { plugin: PluginProcess; sources: KeySources; ingestion: string },
  withinMs: number
): Promise<void> {
  const nowMs = Date.now();
  const range = { fromMs: nowMs - 10 * MINUTE_MS, toMs: nowMs };
  const ask = (saved: MicromegasQueryFields) =>
    runQuery(plugin, sources.apiKey, { version: 2, autoLimit: false, ...saved }, { range });
  const query = `SELECT time, level, msg FROM log_entries WHERE exe = '${EXE}' AND $__timeFilter(time)`;
  const lines = TEMPLATES.flatMap((template) =>
    Array.from({ length: LINES_OF_TEMPLATE }, (_line, line) => fill(template, line))
  );
  await send(ingestion, range.fromMs - 5 * MINUTE_MS, lines);
  await send(ingestion, range.fromMs + MINUTE_MS, [...lines, fill(NEW_TEMPLATE, 1)]);
  const table = await eventually('The patterns of all lines', withinMs, async () => {
    const frame = readFrames(await ask({ query, format: 'patterns' }))[0];
    const counts = frame.column('lines').map(Number);
    return counts.reduce((sum, count) => sum + count, 0) === lines.length + 1 ? frame : undefined;
  });
  await list.check('micromegas: each template of log lines is one pattern with its number of lines', () => {
    const counts = table.column('lines').map(Number);
    assert.deepEqual(counts, [...TEMPLATES.map(() => LINES_OF_TEMPLATE), 1]);
    assert.deepEqual(
      table.column('pattern').filter((_pattern, row) => table.column('new')[row] === 'new'),
      ['pool size <*> -> <*>']
    );
  });
  await list.check('micromegas: the condition of each pattern selects exactly its lines', async () => {
    for (const [row, saved] of linkedQueries(table, 'lines_panes').entries()) {
      const pattern = String(table.column('pattern')[row]);
      const found = onlyFrame(await ask(saved))
        .column('body')
        .map(String);
      const template = [...TEMPLATES, NEW_TEMPLATE].find((each) => found.includes(fill(each, 1)));
      assert.ok(template !== undefined, `No line of the pattern ${pattern}`);
      const expected =
        template === NEW_TEMPLATE
          ? [fill(template, 1)]
          : lines.filter((line) => found.includes(line) || line === fill(template, 0));
      assert.deepEqual([...found].sort(), [...expected].sort(), pattern);
      assert.equal(found.length, Number(table.column('lines')[row]), pattern);
    }
  });
  await list.check('micromegas: a pattern that is filtered out is missing, and all others are there', async () => {
    const [, saved] = linkedQueries(table, 'filter_out_panes');
    const rest = readFrames(await ask(saved))[0].column('pattern');
    assert.deepEqual(
      rest.toSorted(),
      table
        .column('pattern')
        .filter((_pattern, row) => row !== 1)
        .toSorted()
    );
  });
  await list.check('micromegas: the number of new patterns, and lines of patterns over time', async () => {
    const count = onlyFrame(await ask({ query, format: 'patterns', patterns: { result: 'new' } }));
    assert.deepEqual(count.column('new_patterns').map(Number), [1]);
    const series = readFrames(await ask({ query, format: 'patterns', patterns: { result: 'over-time' } }));
    const sum = series.flatMap((frame) => frame.column('lines').map(Number)).reduce((total, each) => total + each, 0);
    assert.equal(sum, lines.length + 1);
  });
}
