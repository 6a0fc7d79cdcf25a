/**
 * A dashboard of 20 panels in one browser, refreshed ten times. Half of the panels count lines. The other half counts
 * distinct messages, which costs more. With the label `off`, each refresh reads the whole range. With the label `on`, a
 * refresh reads only the newest part of the range.
 */
import assert from 'node:assert/strict';
import { runQuery } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { FREQUENT_MESSAGE } from '../telemetry';
import { type LakeCase } from './lake-case';

const PANELS = 20;
const REFRESHES = 10;
/** Pause between refreshes. It is longer than the maximum age of shared results. */
const BETWEEN_MS = 6000;
const BIN_MS = 60_000;

/** @param panel Number of the panel. The number makes the SQL of each panel different. */
function panelSql(panel: number): string {
  const pattern = `${FREQUENT_MESSAGE} ${panel.toString(16)}`;
  const value = panel % 2 === 0 ? 'count(*)' : 'count(DISTINCT msg)';
  return `SELECT $__dateBin(time) AS time, level, ${value} AS n FROM log_entries
WHERE $__timeFilter(time) AND msg LIKE '%${pattern}%' GROUP BY 1, 2 ORDER BY 1`;
}

async function refresh(
  { plugin, source, fromMs, toMs }: Lab,
  settings: object,
  headers: Record<string, string>
): Promise<void> {
  const now = Date.now();
  const range = { fromMs: now - (toMs - fromMs), toMs: now };
  // A data source loses its cached results when its settings change. So each value of the setting has its own data
  // source.
  const own = { ...source, uid: JSON.stringify(settings), jsonData: { ...source.jsonData, ...settings } };
  const panels = Array.from({ length: PANELS }, (_, panel) => {
    const model = {
      version: 2,
      format: 'time_series' as const,
      query: panelSql(panel),
      panel: { from: 'now-6h', to: 'now' },
    };
    return runQuery(plugin, own, model, { range, intervalMs: BIN_MS, headers });
  });
  for (const { error } of await Promise.all(panels)) {
    assert.equal(error, '');
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));

export const incrementalRefresh: LakeCase = {
  name: 'incremental-refresh',
  async run(lab) {
    const off = { incrementalRefreshMinutes: 0 };
    const on = { incrementalRefreshMinutes: 60 };
    await lab.measure('load off', 1, (headers) => refresh(lab, off, headers));
    await lab.measure('load on', 1, (headers) => refresh(lab, on, headers));
    for (let repeat = 0; repeat < REFRESHES; repeat++) {
      await pause();
      await lab.measure('refresh off', 1, (headers) => refresh(lab, off, headers));
      await lab.measure('refresh on', 1, (headers) => refresh(lab, on, headers));
    }
  },
};
