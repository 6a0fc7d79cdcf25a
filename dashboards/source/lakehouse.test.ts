/** Runs the SQL of the dashboards on the demo's lakehouse, whose data and clock are fixed. */
import { readQuery } from '../../contract/queries/query';
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { expandMacros } from '../../proxy/sql/macros/expand-macros';
import { interpolated, openedVariables, shippedDashboards } from '../../tests/support/shipped-dashboards';

const HOUR_MS = 3_600_000;
const fixture = useLakehouse();

/**
 * The rows of the first query of a panel.
 *
 * @param endHours Hours from the end of the time range to the current time of the lakehouse. The range is one hour
 * long.
 * @param version  Value of the variable `version_property`.
 */
async function rowsOf(uid: string, panel: string, endHours: number, version = 'build-version') {
  const dashboard = shippedDashboards().find((found) => found.uid === uid)!;
  const variables = await openedVariables(dashboard, () => Promise.resolve(['x']));
  const [target] = dashboard.panels.find(({ title }) => title === panel)!.targets;
  const { sql } = readQuery(
    interpolated(target, { ...variables, version_property: { value: version, type: 'textbox' } })
  );
  const toMs = fixture.clockMs - endHours * HOUR_MS;
  const range = { fromMs: toMs - HOUR_MS, toMs };
  return fixture.client.rows(expandMacros(sql, { ...range, intervalMs: 60_000 }).toString(), {
    query_range_begin: new Date(range.fromMs).toISOString(),
    query_range_end: new Date(range.toMs).toISOString(),
  });
}

it.each([0, 2])('counts only run time inside of the time range, which ended %s hours ago', async (endHours) => {
  const [row] = await rowsOf('micromegas-stability', 'Sessions', endHours);
  const sessions = Number(row.sessions);
  expect(sessions).toBeGreaterThan(3);
  expect(Number(row.run_time)).toBeGreaterThan(0);
  expect(Number(row.run_time)).toBeLessThanOrEqual(3600 * sessions);
});

it('takes the version from the usual properties if a process lacks the property that the viewer chose', async () => {
  const versions = async (property: string) =>
    (await rowsOf('micromegas-stability', 'Sessions, by version', 0, property)).map((row) => row.name).sort();
  const usual = await versions('build-version');
  expect(usual).toContain('ember-server 2026.11.3');
  expect(await versions('nothing')).toEqual(usual);
});
