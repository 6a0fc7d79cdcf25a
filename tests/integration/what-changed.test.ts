/** Queries of the type `what-changed` over the plugin protocol, about the incident in the demo's telemetry. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type TracesRequest } from '../../contract/query-types/traces';
import { type WhatChangedRequest } from '../../contract/query-types/what-changed';
import { AUDIT_TARGET } from '../../contract/audit';
import { processByKey } from '../../demo/lakehouse/story';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { type QueryOptions, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

const MINUTE = 60_000;
const MATCHMAKER = processByKey('matchmaker');
const SERVER = processByKey('server');

/** Converts minutes after the start of the lakehouse to milliseconds since 1970. */
const at = (minute: number) => lab.demo.lakehouseStartMs + minute * MINUTE;

const ask = (request: WhatChangedRequest, options: QueryOptions = {}) =>
  runQuery(lab.plugin, lab.source, { queryType: 'what-changed', 'what-changed': request } as never, options);

const changes = async (request: WhatChangedRequest, options: QueryOptions = {}) =>
  onlyFrame(await ask(request, options));

/** Rows as strings: the change, the target and the level. */
const rowsOf = (frame: ReadFrame): string[] =>
  frame
    .column('change')
    .map((change, row) =>
      [change, frame.column('target')[row], frame.column('level')[row]].filter((part) => part !== null).join(' | ')
    );

/** The last rows of a query with a moment. */
const FURTHER = ['Look back 2 hours', 'Look back 24 hours', 'Compare all programs'];

interface Pane {
  queries: MicromegasQueryFields[];
  range: { from: string; to: string };
}

interface Link {
  title: string;
  /** Of a link to Explore in a new tab. */
  url?: string;
  internal?: { query: MicromegasQueryFields };
}

/** Opens a link of a row as Explore does: replaces the variables in every string of the query. */
async function open(frame: ReadFrame, row: number, column: string, title: string): Promise<ReadFrame> {
  const links = (frame.config(column).links ?? []) as Link[];
  const link = links.find((candidate) => candidate.title === title);
  const valueOf = (name: string) => String(frame.column(name)[row]);
  const replaced = (part: string) =>
    part
      .replaceAll('${__value.raw}', () => valueOf(column))
      .replace(/\$\{__data\.fields\["(\w+)"\](?:\.numeric)?\}/g, (_, name: string) => valueOf(name))
      .replaceAll('${__data.fields[0].numeric}', () => String(Number(frame.column(Object.keys(frame.types)[0])[row])));
  if (link?.url !== undefined && link.url !== '') {
    const url = new URL(replaced(link.url), 'http://grafana');
    const [pane] = Object.values<Pane>(JSON.parse(url.searchParams.get('panes') ?? '{}'));
    const range = { fromMs: Number(pane.range.from), toMs: Number(pane.range.to) };
    return onlyFrame(await runQuery(lab.plugin, lab.source, pane.queries[0], { range }));
  }
  const query = JSON.parse(JSON.stringify(link?.internal?.query), (_key, part: unknown) =>
    typeof part === 'string' ? replaced(part) : part
  );
  return onlyFrame(await runQuery(lab.plugin, lab.source, query, { range: { fromMs: at(-60), toMs: at(0) } }));
}

/** The row of the cause of the incident, which is one of the first three. */
function rowOfCause(frame: ReadFrame): number {
  const row = frame.column('target').indexOf('ember.config');
  expect(row).toBeGreaterThanOrEqual(0);
  expect(row).toBeLessThan(3);
  expect(rowsOf(frame)[row]).toBe('Read new lines | ember.config | 4');
  return row;
}

it('finds the changed configuration for a failed request, and links to its log line', async () => {
  const traces: TracesRequest = { view: 'search', services: ['ember/web-gateway'], statuses: ['ERROR'] };
  const range = { fromMs: at(-44), toMs: at(-42) };
  const found = onlyFrame(await runQuery(lab.plugin, lab.source, { queryType: 'traces', traces }, { range }));
  const trace = await open(found, 0, 'trace_id', 'Trace');
  for (const operation of ['session_pool.acquire', trace.column('operationName')[0]]) {
    const frame = await open(
      trace,
      trace.column('operationName').indexOf(operation),
      'sourceProcessId',
      'What changed'
    );
    const row = rowOfCause(frame);
    expect([frame.column('before')[row], frame.column('after')[row]]).toEqual([0, 1]);
    expect(frame.column('program')[row]).toBe(MATCHMAKER.exe);
    expect(rowsOf(frame).some((row) => /^Read lines \(\d+×\) \| ember\.http \| 2$/.test(row))).toBe(true);
    const lines = await open(frame, row, 'change', 'Open');
    expect(lines.column('body')).toEqual(['configuration revision 4127 applied: session_pool.size 64 -> 8']);
  }
});

it('is the target of a link of a log line', async () => {
  const query = `SELECT time, level, target, msg, process_id FROM log_entries WHERE target = 'ember::memory'`;
  const lines = onlyFrame(
    await runQuery(lab.plugin, lab.source, { query, format: 'logs', version: 2, autoLimit: false })
  );
  const frame = await open(lines, 0, 'process', 'What changed');
  expect(rowsOf(frame)).toContain('Read new lines | ember::memory | 1');
});

it('lists the end of a process, the start of another process, and the lines of both', async () => {
  const frame = await changes({ processIds: [SERVER.id], atMs: String(at(-38)) });
  const rows = rowsOf(frame);
  expect(rows).toEqual(
    expect.arrayContaining(['Check process end', 'Check process start', 'Read new lines | ember::memory | 1'])
  );
  const news = rows.filter((row) => /^(?:Read new lines|Check process)/.test(row));
  expect(rows.slice(0, news.length)).toEqual(news);
  const first = frame.column('first').map(Number).slice(0, news.length);
  const [before, after] = [first.filter((ms) => ms <= at(-38)), first.filter((ms) => ms > at(-38))];
  expect(first).toEqual([...before.toSorted((a, b) => b - a), ...after.toSorted((a, b) => a - b)]);
  expect(Math.min(before.length, after.length)).toBeGreaterThan(0);
  const end = rows.indexOf('Check process end');
  for (const [column, title] of [
    ['program', 'Processes of the program'],
    ['change', 'Open'],
  ]) {
    const processes = await open(frame, end, column, title);
    expect(processes.column('process_id')).toContain(SERVER.id);
  }
});

it('compares all processes of a program, in the range of the query', async () => {
  const range = { fromMs: at(-50), toMs: at(-44) };
  const frame = await changes({ exe: MATCHMAKER.exe }, { range });
  expect(rowsOf(frame).slice(0, 2).toSorted()).toEqual([
    'Read new lines | ember.config | 4',
    'Read new lines | ember.pool | 3',
  ]);
  const lines = await open(frame, frame.column('target').indexOf('ember.pool'), 'change', 'Open');
  expect(lines.rowCount).toBe(frame.column('after')[frame.column('target').indexOf('ember.pool')]);
});

it('reports that nothing changed, the compared times, and how to compare more', async () => {
  const frame = await changes({ processIds: [MATCHMAKER.id], atMs: String(at(-100)) });
  expect(rowsOf(frame)).toEqual(FURTHER);
  expect(frame.meta.notices?.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^Nothing is new and nothing has grown in 1 process\. The column "After" shows 20.* shows the preceding hour, scaled to 3[56] min\. Targets without/
    ),
  ]);
});

/** Expects the cause, and a link to its line, in a query from the moment `minute` with callers and callees. */
async function expectCause(named: WhatChangedRequest, minute: number): Promise<void> {
  const frame = await changes({ ...named, scope: 'callers-and-callees', atMs: String(at(minute)) });
  const row = rowOfCause(frame);
  expect(frame.column('program')[row]).toBe(MATCHMAKER.exe);
  expect(Number(frame.column('first')[row])).toBeLessThan(at(-45));
  const lines = await open(frame, row, 'change', 'Open');
  expect(lines.column('body')).toContain('configuration revision 4127 applied: session_pool.size 64 -> 8');
}

it('finds the cause from a process, in a process that it calls', async () => {
  await expectCause({ processIds: [processByKey('web-gateway').id] }, -34);
});

describe.each([-41, -40, -39, -38, -37, -36, -35, -34])('at the minute %i of the incident', (minute) => {
  it('finds the cause from the program whose requests fail, in a program that it calls', async () => {
    await expectCause({ exe: 'ember/web-gateway' }, minute);
  });

  it('finds the cause in the whole lakehouse', async () => {
    const frame = await changes({ scope: 'lakehouse', atMs: String(at(minute)) });
    expect(rowsOf(frame)).toContain('Read new lines | ember.config | 4');
    expect(frame.column('program')[frame.column('target').indexOf('ember.config')]).toBe(MATCHMAKER.exe);
    expect(frame.column('target')).not.toContain(AUDIT_TARGET);
    expect(frame.meta.notices?.[0].text).toMatch(
      / The lines of flightsql_query_audit, which queries cause, are left out\.$/
    );
  });
});

it('leads from a result without the cause to a longer window, which has the cause', async () => {
  const frame = await changes({ exe: MATCHMAKER.exe, atMs: String(at(-1)) });
  expect(rowsOf(frame)).toEqual(FURTHER);
  const longer = await open(frame, 0, 'change', 'Open');
  rowOfCause(longer);
  expect(rowsOf(longer).slice(-2)).toEqual(FURTHER.slice(1));
  const lakehouse = await open(frame, 2, 'change', 'Open');
  expect(rowsOf(lakehouse).slice(-2)).toEqual(FURTHER.slice(0, 2));
  expect(lakehouse.meta.executedQueryString).not.toContain(MATCHMAKER.exe);
});

it('says that messages are not compared, for a cause in a target that also has other lines', async () => {
  const frame = await changes({ exe: MATCHMAKER.exe, atMs: String(at(-145)) });
  expect(frame.column('target')).not.toContain('ember.match');
  expect(frame.meta.notices?.[0].text).toContain(
    'Targets without new kinds of lines are not compared by message: a new message is not listed if the target had lines of the same level before.'
  );
  const query = `SELECT time, msg FROM log_entries WHERE target = 'ember.match' AND msg LIKE 'configuration%' ORDER BY time`;
  const lines = onlyFrame(await runQuery(lab.plugin, lab.source, { query, version: 2, autoLimit: false }));
  expect(lines.column('msg')[0]).toBe('configuration revision 4121 applied: match.min_players 8 -> 24');
});

it.each<WhatChangedRequest>([{}, { exe: '', processIds: [' '] }, { scope: 'callers-and-callees', exe: '' }])(
  'rejects a query without processes, program and scope: %j',
  async (request) => {
    const { error, status } = await ask(request);
    expect([codeOf(error), status]).toEqual(['query_field_invalid', 400]);
    expect(error).toContain('Choose Processes or a Program, or the scope Whole lakehouse.');
  }
);

it('sends two statements, and rejects an id that is not a UUID', async () => {
  const frame = await changes({ processIds: [MATCHMAKER.id, MATCHMAKER.id.toUpperCase()], atMs: String(at(-43)) });
  expect(frame.meta.executedQueryString?.split(';\n\n')).toHaveLength(2);
  const invalid = await ask({ processIds: ["x' OR 1=1 --"] });
  expect([codeOf(invalid.error), invalid.status]).toEqual(['query_field_invalid', 400]);
});

it('says that nothing was compared for a process or a program without telemetry', async () => {
  const requests = [{ processIds: ['00000000-0000-4000-8000-000000000000'], atMs: String(at(-43)) }, { exe: "it's" }];
  const results = await Promise.all(requests.map(async (request) => readFrames(await ask(request))));
  expect(results.map(([frame]) => rowsOf(frame))).toEqual([FURTHER, []]);
  for (const [{ meta }, wider] of results) {
    expect(wider.column('wider_search')).toEqual(['Search from 24 hours before to 24 hours after the time range']);
    expect(meta.notices?.[0].text).toMatch(
      /^Nothing was compared: no process in the scope of the query was active from /
    );
  }
});
