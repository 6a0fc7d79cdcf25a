/** Requests the neighbours of log lines in the demo's lakehouse, over the plugin protocol. */
import { type LogContextRequest } from '../../contract/logs/log-context';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();

expectNoSecretsAtEnd();

/** The last ten minutes of lines of the crashed game server, which writes no more. */
const LINES = `FROM log_entries WHERE process_id IN (SELECT process_id FROM log_entries WHERE level = 1)
  AND time > (SELECT max(time) - interval '10 minutes' FROM log_entries WHERE level = 1)`;
const ORDER = 'time DESC, insert_time DESC, process_id DESC, block_id DESC, target DESC, level DESC, msg DESC';

interface Line {
  process: string;
  /** Nanoseconds since 1970. */
  time: bigint;
  body: string;
}

const sqlQuery = (query: string) => ({
  query,
  version: 2,
  format: 'logs' as const,
  autoLimit: false,
  timeFilter: false,
});

function linesOf(frame: ReadFrame): Line[] {
  const labels = frame.column('labels').map((json) => JSON.parse(new TextDecoder().decode(json as Uint8Array)));
  const bodies = frame.column('body').map(String);
  return frame.column('timestamp').map((time, row) => ({
    process: String(labels[row].process_id),
    // apache-arrow returns milliseconds, and the demo has microseconds.
    time: BigInt(Math.round(Number(time) * 1000)) * 1000n,
    body: bodies[row],
  }));
}

const ask = (logContext: LogContextRequest, changes: object = {}) =>
  runQuery(lab.plugin, lab.source, { query: '', version: 2, format: 'logs', logContext, ...changes });

async function neighbours(line: Line, changes: Partial<LogContextRequest>, model: object = {}): Promise<Line[]> {
  const logContext: LogContextRequest = {
    processId: line.process,
    time: String(line.time),
    marks: { text: line.body },
    direction: 'before',
    scope: 'process',
    limit: 20,
    ...changes,
  };
  const response = await ask(logContext, model);
  expect(response.error).toBe('');
  // A result without lines has no frame.
  return readFrames(response).flatMap(linesOf);
}

const all = async (): Promise<Line[]> =>
  linesOf(
    onlyFrame(
      await runQuery(lab.plugin, lab.source, sqlQuery(`SELECT time, msg, process_id ${LINES} ORDER BY ${ORDER}`))
    )
  );

it('returns the lines around a line, the newest first', async () => {
  const lines = await all();
  const at = Math.floor(lines.length / 2);
  for (const windowMs of [undefined, 600_000]) {
    expect(await neighbours(lines[at], { windowMs })).toEqual(lines.slice(at + 1, at + 21));
    expect(await neighbours(lines[at], { direction: 'after', windowMs })).toEqual(lines.slice(at - 20, at));
  }
  expect(await neighbours(lines[0], { direction: 'after' })).toEqual([]);
});

it('reads beyond the range of the panel, ignores filters, and does not expand macros in the text of the line', async () => {
  const [newest, next] = await all();
  const model = {
    filters: [{ key: 'target', operator: '=', value: 'nothing' }],
    adHocFilters: [{ key: 'no_such_column', operator: '=', value: 'x' }],
    rowLimit: 1,
  };
  const logContext = { marks: { text: '$__noMacro(1) $__interval' }, limit: 2 };
  const range = { fromMs: 0, toMs: 1 };
  const response = await runQuery(
    lab.plugin,
    lab.source,
    {
      ...model,
      logContext: {
        processId: newest.process,
        time: String(newest.time),
        direction: 'before',
        scope: 'process',
        ...logContext,
      },
    } as never,
    { range }
  );
  const frame = onlyFrame(response);
  expect(linesOf(frame)[0]).toEqual(next);
  expect(frame.rowCount).toBe(2);
  expect(frame.meta.executedQueryString).toContain("'$__noMacro(1) $__interval'");
});

it('returns lines of one target for the scope `target`, and lines of several processes for the scope `computer`', async () => {
  const lines = await all();
  const line = lines.find(({ body }) => body.startsWith('join queue holds'))!;
  const frame = await ask({
    processId: line.process,
    time: String(line.time),
    marks: { text: line.body },
    direction: 'before',
    scope: 'target',
    limit: 20,
  });
  const labels = onlyFrame(frame)
    .column('labels')
    .map((json) => JSON.parse(new TextDecoder().decode(json as Uint8Array)).target);
  expect(labels.length).toBeGreaterThan(1);
  expect(new Set(labels)).toEqual(new Set(['ember::session']));
  // The game server was restarted on the same computer, as another process.
  const after = await neighbours(line, { direction: 'after', scope: 'computer', limit: 1000, windowMs: 3_600_000 });
  expect(new Set(after.map(({ process }) => process)).size).toBeGreaterThan(1);
});

it('records the calls with the entrypoint log-context', async () => {
  const [line] = await all();
  await neighbours(line, { limit: 3 });
  const audit = `SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit' AND msg LIKE '%"entrypoint":"log-context"%'`;
  const records = onlyFrame(await runQuery(lab.plugin, lab.source, { query: audit, version: 2, autoLimit: false }));
  expect(records.rowCount).toBeGreaterThan(0);
});

it('rejects an invalid request', async () => {
  const response = await ask({
    processId: "x' OR 1=1",
    time: '1',
    marks: {},
    direction: 'before',
    scope: 'process',
    limit: 1,
  });
  expect(codeOf(response.error)).toBe('query_model_invalid');
  expect(response.error).toContain('Log context');
});
