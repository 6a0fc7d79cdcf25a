/**
 * Measures a small query of one user that begins while 200 panels of another user are running. With the label `on`, the
 * number of open statements is limited. With the label `off`, there is no limit: queries of a large lakehouse then
 * fail, because the server waits too long for a connection to its database. The case prints the failures. If the small
 * query fails, its time ends with the error. The measured CPU time of the server includes the time for the panels that
 * run beside the small query.
 */
import assert from 'node:assert/strict';
import { runQuery } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { FREQUENT_MESSAGE } from '../telemetry';
import { type LakeCase } from './lake-case';

const PANELS = 200;
const REPEATS = 3;
const SMALL_RANGE_MS = 60_000;

/** Resolves after the last panel. @returns The number of panels that failed. */
async function readPanels({ plugin, source, fromMs, toMs }: Lab, settings: object): Promise<number> {
  const panels = Array.from({ length: PANELS }, (_, panel) => {
    const query = `SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries
WHERE $__timeFilter(time) AND msg LIKE '%${FREQUENT_MESSAGE} ${panel.toString(16)}%' GROUP BY 1`;
    const model = { version: 2, format: 'time_series' as const, query };
    const jsonData = { ...source.jsonData, ...settings };
    return runQuery(plugin, { ...source, jsonData }, model, { range: { fromMs, toMs }, intervalMs: 60_000 });
  });
  return (await Promise.all(panels)).filter(({ error }) => error !== '').length;
}

/** @returns The error of the query. Empty if the query succeeded. */
async function readSmall(
  { plugin, source, toMs }: Lab,
  settings: object,
  headers: Record<string, string> = {}
): Promise<string> {
  const model = { version: 2, query: 'SELECT count(*) AS n FROM measures WHERE $__timeFilter(time)' };
  const other = {
    ...source,
    user: { ...source.user, login: 'other' },
    jsonData: { ...source.jsonData, ...settings },
  };
  const range = { fromMs: toMs - SMALL_RANGE_MS, toMs };
  const { error } = await runQuery(plugin, other, model, { range, headers });
  return error;
}

export const fairQueue: LakeCase = {
  name: 'fair-queue',
  async run(lab) {
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const [name, maxStatements] of [
        ['off', 0],
        ['on', 16],
      ] as const) {
        const settings = { maxStatements, queryTimeoutSeconds: 600, resultAgeSeconds: 0 };
        // Connects and signs in.
        assert.equal(await readSmall(lab, settings), '');
        const panels = readPanels(lab, settings);
        let error = '';
        await lab.measure(`small ${name}`, 1, async (headers) => {
          error = await readSmall(lab, settings, headers);
        });
        const failed = await panels;
        if (failed > 0 || error !== '') {
          console.log(`${name}: ${failed} of ${PANELS} panels failed. The small query: ${error || 'no error'}`);
          assert.equal(maxStatements, 0);
        }
      }
    }
  },
};
