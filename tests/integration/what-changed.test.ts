/** Queries of the type `what-changed` over the plugin protocol, about the incident in the demo's telemetry. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type TracesRequest } from '../../contract/query-types/traces';
import { type WhatChangedRequest } from '../../contract/query-types/what-changed';
import { processByKey } from '../../demo/lakehouse/story';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, type ReadFrame } from '../support/frames';
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

interface Link {
  title: string;
  internal?: { query: MicromegasQueryFields };
}

/** Opens a link of a row as Explore does: replaces the variables in every string of the query. */
async function open(frame: ReadFrame, row: number, column: string, title: string): Promise<ReadFrame> {
  const links = (frame.config(column).links ?? []) as Link[];
  const link = links.find((candidate) => candidate.title === title);
  const valueOf = (name: string) => String(frame.column(name)[row]);
  const query = JSON.parse(JSON.stringify(link?.internal?.query), (_key, part: unknown) =>
    typeof part === 'string'
      ? part
          .replaceAll('${__value.raw}', () => valueOf(column))
          .replace(/\$\{__data\.fields\["(\w+)"\](?:\.numeric)?\}/g, (_, name: string) => valueOf(name))
          .replaceAll('${__data.fields[0].numeric}', () =>
            String(Number(frame.column(Object.keys(frame.types)[0])[row]))
          )
      : part
  );
  return onlyFrame(await runQuery(lab.plugin, lab.source, query, { range: { fromMs: at(-60), toMs: at(0) } }));
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
    const row = frame.column('target').indexOf('ember.config');
    expect(row).toBeGreaterThanOrEqual(0);
    expect(row).toBeLessThan(3);
    expect(rowsOf(frame)[row]).toBe('New lines | ember.config | 4');
    expect([frame.column('before')[row], frame.column('after')[row]]).toEqual([0, 1]);
    expect(frame.column('program')[row]).toBe(MATCHMAKER.exe);
    expect(rowsOf(frame).some((row) => /^\d+ times as many lines \| ember\.http \| 2$/.test(row))).toBe(true);
    const lines = await open(frame, row, 'target', 'Lines');
    expect(lines.column('body')).toEqual(['configuration revision 4127 applied: session_pool.size 64 -> 8']);
  }
});

it('is the target of a link of a log line', async () => {
  const query = `SELECT time, level, target, msg, process_id FROM log_entries WHERE target = 'ember::memory'`;
  const lines = onlyFrame(
    await runQuery(lab.plugin, lab.source, { query, format: 'logs', version: 2, autoLimit: false })
  );
  const frame = await open(lines, 0, 'process_id', 'What changed');
  expect(rowsOf(frame)).toContain('New lines | ember::memory | 1');
});

it('lists the end of a process, the start of another process, and the lines of both', async () => {
  const frame = await changes({ processIds: [SERVER.id], atMs: String(at(-38)) });
  const rows = rowsOf(frame);
  expect(rows).toEqual(expect.arrayContaining(['Process ended', 'Process started', 'New lines | ember::memory | 1']));
  const first = frame.column('first').map(Number);
  const news = rows.filter((row) => /^(?:New|Process)/.test(row));
  expect(rows.slice(0, news.length)).toEqual(news);
  expect(first.slice(0, news.length)).toEqual(first.slice(0, news.length).toSorted((a, b) => a - b));
  const processes = await open(frame, rows.indexOf('Process ended'), 'program', 'Processes of the program');
  expect(processes.column('process_id')).toContain(SERVER.id);
});

it('compares all processes of a program, in the range of the query', async () => {
  const range = { fromMs: at(-50), toMs: at(-44) };
  const frame = await changes({ exe: MATCHMAKER.exe }, { range });
  expect(rowsOf(frame).slice(0, 2).toSorted()).toEqual(['New lines | ember.config | 4', 'New lines | ember.pool | 3']);
  const lines = await open(frame, frame.column('target').indexOf('ember.pool'), 'target', 'Lines');
  expect(lines.rowCount).toBe(frame.column('after')[frame.column('target').indexOf('ember.pool')]);
});

it('reports that nothing changed, and the compared times', async () => {
  const frame = await changes({ processIds: [MATCHMAKER.id], atMs: String(at(-100)) });
  expect(rowsOf(frame)).toEqual([]);
  expect(frame.meta.notices?.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^Nothing is new and nothing has grown\. The column "After" shows 20.* scaled to 1[01] min\.$/
    ),
  ]);
});

it('sends two statements, and rejects an id that is not a UUID', async () => {
  const frame = await changes({ processIds: [MATCHMAKER.id, MATCHMAKER.id.toUpperCase()], atMs: String(at(-43)) });
  expect(frame.meta.executedQueryString?.split(';\n\n')).toHaveLength(2);
  const invalid = await ask({ processIds: ["x' OR 1=1 --"] });
  expect([codeOf(invalid.error), invalid.status]).toEqual(['query_field_invalid', 400]);
});

it('returns no rows for a process or a program without telemetry', async () => {
  const unknown = await changes({ processIds: ['00000000-0000-4000-8000-000000000000'], atMs: String(at(-43)) });
  const quoted = await changes({ exe: "it's" });
  expect([rowsOf(unknown), rowsOf(quoted)]).toEqual([[], []]);
});
