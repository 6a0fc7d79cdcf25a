/**
 * Checks pages of log lines of a real Micromegas. Its rules for SQL and time ranges may differ from the rules of the
 * demo.
 */
import assert from 'node:assert/strict';
import { type LogPageRequest } from '../../contract/logs/log-page';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { onlyFrame } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { SENT } from './otlp';
import { type KeySources } from './sources';

const WHERE = `FROM log_entries WHERE exe = '${SENT.exe}'`;

/** Reads pages from each line that the run sent, in both directions. */
export async function checkLogPages(
  list: Checklist,
  { plugin, sources }: { plugin: PluginProcess; sources: KeySources }
): Promise<void> {
  const nowMs = Date.now();
  const range = { fromMs: nowMs - 6 * 3_600_000, toMs: nowMs + 60_000 };
  const read = async (query: string, model: object = {}): Promise<Array<{ ms: number; body: string }>> => {
    const saved = { query, version: 2, format: 'logs', autoLimit: false, ...model } as const;
    const frame = onlyFrame(await runQuery(plugin, sources.apiKey, saved, { range }));
    const bodies = frame.column('body').map(String);
    return frame.column('timestamp').map((time, row) => ({ ms: Math.floor(Number(time)), body: bodies[row] }));
  };
  for (const [name, lines, model] of [
    ['of a query with $__timeFilter', `SELECT time, msg ${WHERE} AND $__timeFilter(time)`, {}],
    ['of a query with a nested SELECT', `SELECT * FROM (SELECT time, msg ${WHERE})`, {}],
    ['of a query without a time filter', `SELECT time, msg ${WHERE}`, { timeFilter: false }],
  ] as const) {
    await list.check(`micromegas: pages of log lines ${name}`, async () => {
      const all = await read(`${lines} ORDER BY time`, model);
      assert.equal(all.length, SENT.logs.length);
      for (const { ms } of all) {
        const shown = all.filter((line) => line.ms === ms).length;
        const page = async (direction: LogPageRequest['direction']) => {
          const logPage: LogPageRequest = { direction, boundaryMs: ms, shown, timeColumn: 'time' };
          return (await read(`${lines} LIMIT 100`, { ...model, logPage })).map((line) => line.ms);
        };
        // A page of older lines may include lines at the first nanosecond of the next millisecond.
        const older = (await page('older')).filter((each) => each <= ms);
        const times = all.map((line) => line.ms);
        assert.deepEqual(older, times.filter((each) => each <= ms).reverse());
        assert.deepEqual(
          await page('newer'),
          times.filter((each) => each >= ms)
        );
      }
    });
  }
}
