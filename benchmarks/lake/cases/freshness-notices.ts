/**
 * Dashboards of 20 panels that 20 users refresh at the same time, with and without notices about old data. Prints the
 * number of statements for the notices, and how much longer the panels take with them.
 */
import assert from 'node:assert/strict';
import { type FreshnessNotices } from '../../../contract/settings/settings';
import { eventually } from '../../../tests/support/eventually';
import { runQuery } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { TARGET } from '../telemetry';
import { type LakeCase } from './lake-case';

const PANELS = 20;
const USERS = 20;
const REFRESHES = 2;
const RANGE_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const APPEARS_WITHIN_MS = 60_000;

/** Refreshes the dashboards of all users. @returns The times of the panels in milliseconds. */
async function refresh(
  { plugin, source }: Lab,
  freshnessNotices: FreshnessNotices,
  headers: Record<string, string>
): Promise<number[]> {
  const toMs = Date.now();
  const jsonData = { ...source.jsonData, freshnessNotices, resultAgeSeconds: 0, queryTimeoutSeconds: 600 };
  const panels = Array.from({ length: USERS * PANELS }, async (_, index) => {
    const user = { ...source.user, login: `reader ${index % USERS}` };
    const query = `SELECT count(*) AS n FROM log_entries
WHERE $__timeFilter(time) AND target = '${TARGET}' AND level <= ${Math.floor(index / USERS)}`;
    const model = { version: 2, query, panel: { from: 'now-15m', to: 'now' } };
    const range = { fromMs: toMs - RANGE_MS, toMs };
    const own = { ...source, uid: `notices-${freshnessNotices}`, user, jsonData };
    const startedMs = performance.now();
    assert.equal((await runQuery(plugin, own, model, { range, headers })).error, '');
    return performance.now() - startedMs;
  });
  return Promise.all(panels);
}

/** The number of audited statements about freshness of these users. Undefined if the server has recorded none yet. */
async function statementsSince({ lake }: Lab, startedMs: number): Promise<number | undefined> {
  const sql = `SELECT count(*) AS n FROM log_entries
WHERE target = 'flightsql_query_audit' AND msg LIKE '%"entrypoint":"freshness"%' AND msg LIKE '%"user":"reader %'`;
  const [row] = await lake.client.rows(sql, {
    query_range_begin: new Date(startedMs).toISOString(),
    query_range_end: new Date(Date.now() + MINUTE_MS).toISOString(),
  });
  return Number(row?.n) || undefined;
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN;
}

export const freshnessNotices: LakeCase = {
  name: 'freshness-notices',
  async run(lab) {
    const startedMs = Date.now();
    const times: Record<'off' | 'dashboards', number[]> = { off: [], dashboards: [] };
    for (let repeat = 0; repeat < REFRESHES; repeat++) {
      // The order alternates, so that other load affects both.
      for (const notices of repeat % 2 === 0 ? (['off', 'dashboards'] as const) : (['dashboards', 'off'] as const)) {
        await lab.measure(`notices ${notices === 'off' ? 'off' : 'on'}`, USERS * PANELS, async (headers) => {
          times[notices].push(...(await refresh(lab, notices, headers)));
        });
      }
    }
    const minutes = (Date.now() - startedMs) / MINUTE_MS;
    // The audit log is complete when it has the records of statements that ended before this wait.
    await new Promise((resolve) => setTimeout(resolve, APPEARS_WITHIN_MS / 4));
    const sent = await eventually('The audit records', APPEARS_WITHIN_MS, () => statementsSince(lab, startedMs));
    const ratio = (share: number) => (quantile(times.dashboards, share) / quantile(times.off, share)).toFixed(2);
    console.log(
      `${times.dashboards.length} panels of ${USERS} users with notices in ${minutes.toFixed(1)} minutes: ${sent} statements about freshness; ` +
        `time with notices divided by time without: median ${ratio(0.5)}, p95 ${ratio(0.95)}, longest ${ratio(0.9999)}`
    );
  },
};
