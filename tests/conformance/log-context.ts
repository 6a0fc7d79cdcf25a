/** Checks the context of log lines in a real Micromegas. The times of these lines have nanosecond precision. */
import assert from 'node:assert/strict';
import { type ContextDirection, type ContextScope } from '../../contract/logs/log-context';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { onlyFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { SENT } from './otlp';
import { type KeySources } from './sources';

const ORDER = 'time, insert_time, process_id, block_id, target, level, msg, properties';

interface Lake {
  plugin: PluginProcess;
  sources: KeySources;
}

/** Reads the lines around each line that the run sent. */
export async function checkLogContext(list: Checklist, { plugin, sources }: Lake): Promise<void> {
  const source = sources.apiKey;
  const sent = async () => {
    const query = `SELECT process_id, CAST(CAST(time AS BIGINT) AS VARCHAR) AS ns, msg FROM log_entries WHERE exe = '${SENT.exe}' ORDER BY ${ORDER}`;
    const frame = onlyFrame(await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false }));
    const [processes, times] = [frame.column('process_id').map(String), frame.column('ns').map(String)];
    return frame
      .column('msg')
      .map((body, row) => ({ processId: processes[row], time: times[row], body: String(body) }));
  };
  const neighbours = async (
    { body: content, ...line }: Awaited<ReturnType<typeof sent>>[number],
    scope: ContextScope,
    direction: ContextDirection
  ): Promise<string[]> => {
    const logContext = { ...line, marks: { text: content }, scope, direction, limit: 1000, windowMs: 60_000 };
    const response = await runQuery(plugin, source, { query: '', format: 'logs', version: 2, logContext });
    assert.equal(response.error, '');
    const bodies = readFrames(response).flatMap((frame) => frame.column('body').map(String));
    // Other runs may have sent lines with the same computer name.
    return bodies.filter((each) => SENT.logs.some(({ body }) => body === each)).reverse();
  };
  for (const scope of ['process', 'target', 'computer'] as const) {
    await list.check(`micromegas: the context of a log line has the lines of the same ${scope}`, async () => {
      const lines = await sent();
      const bodies = lines.map(({ body }) => body);
      assert.equal(bodies.length, SENT.logs.length);
      for (const [at, line] of lines.entries()) {
        const before = await neighbours(line, scope, 'before');
        const after = await neighbours(line, scope, 'after');
        assert.deepEqual(before.slice(before.length - at), bodies.slice(0, at));
        assert.deepEqual(after.slice(0, bodies.length - at - 1), bodies.slice(at + 1));
      }
    });
  }
}
