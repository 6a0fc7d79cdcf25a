/**
 * Checks the query type `what-changed` for a process and a program whose lines this run has just sent to a real
 * Micromegas.
 */
import assert from 'node:assert/strict';
import { type WhatChangedRequest } from '../../contract/query-types/what-changed';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';
import { SENT } from './otlp';
import { type KeySources } from './sources';

const MINUTE_MS = 60_000;

export async function checkWhatChanged(
  list: Checklist,
  { plugin, sources }: { plugin: PluginProcess; sources: KeySources },
  host: GrafanaHost | undefined
): Promise<void> {
  const source = sources.apiKey;
  const options = () => ({ range: { fromMs: Date.now() - 30 * MINUTE_MS, toMs: Date.now() + MINUTE_MS } });
  const model = (request: WhatChangedRequest) => ({ queryType: 'what-changed', 'what-changed': request }) as never;
  // If no process matched, a second frame has a link to a wider search.
  const ask = async (request: WhatChangedRequest, { range } = options()): Promise<ReadFrame> => {
    const response = await runQuery(plugin, source, model(request), { range });
    assert.equal(response.error, '');
    return readFrames(response)[0];
  };
  /** For each level, the number of lines of the started program. */
  const linesOf = (frame: ReadFrame) =>
    frame
      .column('target')
      .flatMap((target, row) =>
        target === SENT.target ? [[frame.column('level')[row], frame.column('after')[row]].map(Number)] : []
      )
      .toSorted(([a], [b]) => a - b);
  const expected = SENT.logs.map((_, index) => [index + 1, 1]);

  await list.check('micromegas: what-changed lists the lines of a new program as new, for each level', async () => {
    const frame = await ask({ exe: SENT.exe });
    assert.deepEqual(linesOf(frame), expected);
    assert.ok(frame.column('change').includes('Check process start'));
    assert.equal(frame.meta.executedQueryString?.split(';\n\n').length, 3);
  });
  await list.check(
    'micromegas: what-changed finds the lines of a process in the time range of the query, and none around an earlier moment',
    async () => {
      const query = `SELECT process_id FROM processes WHERE exe = '${SENT.exe}'`;
      const found = onlyFrame(
        await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false })
      );
      const request = {
        processIds: [String(found.column('process_id')[0])],
        atMs: String(Date.now() - 60 * MINUTE_MS),
      };
      // `atMs` is before the times of the lines.
      assert.deepEqual(linesOf(await ask(request)), []);
      const inRange = { processIds: request.processIds };
      const frame = host === undefined ? await ask(inRange) : (await host.query(source, model(inRange), options()))[0];
      assert.ok(frame.rowCount >= expected.length);
      assert.deepEqual(linesOf(await ask(inRange)), expected);
    }
  );
  await list.check('micromegas: what-changed counts the lines of the server in log_stats', async () => {
    const query = `SELECT process_id FROM processes WHERE exe <> '${SENT.exe}' ORDER BY last_update_time DESC LIMIT 1`;
    const found = onlyFrame(await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false }));
    const range = { fromMs: Date.now() - 180 * MINUTE_MS, toMs: Date.now() - 20 * MINUTE_MS };
    const frame = await ask({ processIds: [String(found.column('process_id')[0])] }, { range });
    const statements = frame.meta.executedQueryString?.split(';\n\n') ?? [];
    assert.match(statements[1] ?? '', /FROM log_stats/);
    // A third statement would mean that the statement on log_stats has failed.
    assert.equal(statements.length, 2);
  });
}
