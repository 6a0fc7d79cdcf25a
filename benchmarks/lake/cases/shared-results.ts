/**
 * A dashboard of 20 panels that several browsers refresh at the same time. With two labels, there are no shared
 * results: with `browsers off`, each browser sends different SQL; with `users off`, each browser has another user.
 */
import assert from 'node:assert/strict';
import { runQuery, type Source } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { FREQUENT_MESSAGE } from '../telemetry';
import { type LakeCase } from './lake-case';

const PANELS = 20;
const BROWSERS = 10;
const REFRESHES = 3;
const BIN_MS = 60_000;

interface Browser {
  user: Source['user'];
  /** The mark is in a comment of the SQL: browsers with the same mark send the same SQL. */
  mark: string;
}

/** Refreshes the dashboard in all browsers at the same time. */
async function refresh(
  { plugin, source, fromMs }: Lab,
  browsers: readonly Browser[],
  settings: object,
  headers: Record<string, string>
): Promise<void> {
  const range = { fromMs, toMs: Date.now() };
  const responses = browsers.flatMap(({ user, mark }) =>
    Array.from({ length: PANELS }, (_, panel) => {
      const query = `SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries
WHERE $__timeFilter(time) AND msg LIKE '%${FREQUENT_MESSAGE} ${panel.toString(16)}%' GROUP BY 1 -- ${mark}`;
      const model = { version: 2, format: 'time_series' as const, query, panel: { from: 'now-6h', to: 'now' } };
      const jsonData = { ...source.jsonData, queryTimeoutSeconds: 600, ...settings };
      return runQuery(plugin, { ...source, user, jsonData }, model, { range, intervalMs: BIN_MS, headers });
    })
  );
  for (const { error } of await Promise.all(responses)) {
    assert.equal(error, '');
  }
}

export const sharedResults: LakeCase = {
  name: 'shared-results',
  async run(lab) {
    const { user } = lab.source;
    const all = Array.from({ length: BROWSERS }, (_, index) => index);
    const oneUser = all.map(() => ({ user, mark: '' }));
    const users = all.map((index) => ({ user: { ...user, login: `user ${index}` }, mark: '' }));
    const cases: Array<{ label: string; browsers: Browser[]; settings?: object }> = [
      { label: 'one browser', browsers: oneUser.slice(0, 1) },
      { label: 'browsers off', browsers: all.map((index) => ({ user, mark: `browser ${index}` })) },
      { label: 'browsers on', browsers: oneUser },
      { label: 'users off', browsers: users },
      { label: 'users on', browsers: users, settings: { shareResults: 'all' } },
    ];
    for (let repeat = 0; repeat < REFRESHES; repeat++) {
      for (const { label, browsers, settings = {} } of cases) {
        // The mark contains the label and the repeat, so that no measurement gets shared results of an earlier
        // measurement.
        const own = browsers.map((browser) => ({ ...browser, mark: `${label} ${repeat} ${browser.mark}` }));
        await lab.measure(label, 1, (headers) => refresh(lab, own, settings, headers));
      }
    }
  },
};
