/**
 * Checks the notices about the freshness of data on a real Micromegas, whose table `streams` must have the columns that
 * the backend reads.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { SENT } from './otlp';
import { type KeySources } from './sources';

const WITHIN_MS = 90_000;

interface Lake {
  plugin: PluginProcess;
  sources: KeySources;
}

/**
 * Queries a process that does not exist, and a program that sent telemetry in this run. The program sends no more, so
 * the program's data are soon old enough for the second notice.
 */
export async function checkFreshness(list: Checklist, { plugin, sources }: Lake): Promise<void> {
  const noticeOf = (condition: string, start: string) =>
    eventually('The notice', WITHIN_MS, async () => {
      const query = `SELECT time, msg FROM log_entries WHERE ${condition} LIMIT 1`;
      const response = await runQuery(plugin, sources.apiKey, { query, format: 'logs', version: 2 });
      assert.equal(response.error, '');
      return readFrames(response)
        .flatMap(({ meta }) => meta.notices ?? [])
        .find(({ text }) => text.startsWith(start));
    });
  await list.check('micromegas: the notice that no data of a process arrived', async () => {
    const { severity, text } = await noticeOf(`process_id = '${randomUUID()}'`, 'No data');
    assert.deepEqual(
      [severity, text],
      ['warning', 'No data of the process arrived in the last 24 hours (log entries).']
    );
  });
  await list.check('micromegas: the notice that says how old the newest data of a program are', async () => {
    const { text } = await noticeOf(`exe = '${SENT.exe}'`, 'Data complete');
    assert.match(
      text,
      /^Data complete up to .*: the newest log entries of the program arrived then, \d+ (seconds|minutes) before/
    );
  });
}
