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
function rowsOf(uid: string, panel: string, endHours: number, version?: string) {
  const toMs = fixture.clockMs - endHours * HOUR_MS;
  return rowsIn(uid, panel, { fromMs: toMs - HOUR_MS, toMs }, version);
}

async function rowsIn(uid: string, panel: string, range: { fromMs: number; toMs: number }, version = 'build-version') {
  const dashboard = shippedDashboards().find((found) => found.uid === uid)!;
  const variables = await openedVariables(dashboard, () => Promise.resolve(['x']));
  const [target] = dashboard.panels.find(({ title }) => title === panel)!.targets;
  const { sql } = readQuery(
    interpolated(target, { ...variables, version_property: { value: version, type: 'textbox' } })
  );
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

describe('telemetry without problems', () => {
  it.each([
    ['micromegas-stability', 'Crashes, by program and version', 'program', /^No crash$/],
    ['micromegas-stability', 'Crashes, by program and version', 'crashes', /^0$/],
    ['micromegas-logs', 'Fatal lines, errors and warnings', 'fatal', /^0$/],
    ['micromegas-lakehouse', 'Errors and warnings of materialization', 'errors', /^0$/],
  ])('is stated by a row: %s, %s, %s', async (uid, panel, column, statement) => {
    const rows = await rowsOf(uid, panel, 1);
    expect(rows.map((row) => String(row[column]))).toEqual([expect.stringMatching(statement)]);
  });

  /** Minutes after the start of the demo: a part of its audit log without failed queries and missing filters. */
  const AUDITED = { fromMinute: -44, toMinute: -40 };

  it.each([
    ['Failed queries', 'error', 'None of the 4 recorded queries failed'],
    ['Queries without a time filter', 'sample', 'None of the 4 recorded queries lacked a time filter'],
  ])('is stated by a row with the number of recorded queries: %s', async (panel, column, statement) => {
    const range = (minute: number) => fixture.clockMs + minute * 60_000;
    const [from, to] = [range(AUDITED.fromMinute), range(AUDITED.toMinute)];
    const rows = await rowsIn('micromegas-query-cost', panel, { fromMs: from, toMs: to });
    expect(rows.map((row) => row[column])).toEqual([statement]);
    const before = { fromMs: from - 48 * HOUR_MS, toMs: from - 47 * HOUR_MS };
    expect(await rowsIn('micromegas-query-cost', panel, before)).toEqual([]);
  });
});
