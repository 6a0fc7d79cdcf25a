/** The dashboards of the plugin on the demo lakehouse, whose scenario (`story-*.ts`) has data for every panel. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { useDemoPlugin } from '../support/demo-plugin';
import { onlyFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { interpolated, openedVariables, shippedDashboards, shippedQueries } from '../support/shipped-dashboards';

const HOUR_MS = 3_600_000;
const lab = useDemoPlugin();

expectNoSecretsAtEnd();

/** @param hours Length of the time range, which ends at `toMs`. */
function run(model: MicromegasQueryFields, hours: number, toMs = Date.now()) {
  const range = { fromMs: toMs - hours * HOUR_MS, toMs };
  return runQuery(lab.plugin, lab.source, model, { range, intervalMs: 60_000 });
}

async function valuesOf(model: MicromegasQueryFields, hours: number, toMs?: number): Promise<unknown[]> {
  const response = await run(model, hours, toMs);
  expect(response.error).toBe('');
  const [frame] = readFrames(response);
  return frame === undefined || frame.rowCount === 0 ? [] : frame.column(Object.keys(frame.types)[0]);
}

describe.each(shippedDashboards())('$title', (dashboard) => {
  const hours = Number(/^now-(\d+)h$/.exec(dashboard.time.from)?.[1]);

  it('has values for each variable, and rows for each panel', async () => {
    const variables = await openedVariables(dashboard, async (model) => {
      const values = await valuesOf(model, hours);
      expect(values.length).toBeGreaterThan(0);
      return values;
    });
    for (const { place, use, model, newestMinutes } of shippedQueries(dashboard)) {
      const length = newestMinutes === undefined ? hours : newestMinutes / 60;
      const { error, frames } = await run(interpolated(model, variables), length);
      const rows = readFrames({ frames }).map(({ rowCount }) => rowCount);
      expect({ place, error, hasRows: use === 'annotation' || Math.max(0, ...rows) > 0 }).toEqual({
        place,
        error: '',
        hasRows: true,
      });
    }
  });

  it('has no error for a time range without telemetry', async () => {
    const before = Date.parse('2001-01-01T00:00:00Z');
    const variables = await openedVariables(dashboard, (model) => valuesOf(model, hours, before));
    for (const { place, model } of shippedQueries(dashboard)) {
      const { error } = await run(interpolated(model, variables), hours, before);
      expect({ place, error }).toEqual({ place, error: '' });
    }
  });
});

describe('a list of what went wrong, if nothing did', () => {
  const toMs = Date.parse('2001-01-01T00:00:00Z');
  const range = { fromMs: toMs - HOUR_MS, toMs };
  const LISTS = [
    [
      'micromegas-stability',
      'Crashed processes',
      'No process that fulfils the query was active from 2000-12-31 23:00:00',
    ],
    [
      'micromegas-services',
      'Failed traces',
      'No process that can be searched sent OpenTelemetry spans with times from',
    ],
  ] as const;

  it.each(LISTS)('has a row that says what was searched: %s, %s', async (uid, panel, statement) => {
    const found = shippedDashboards().find((dashboard) => dashboard.uid === uid)!;
    const variables = await openedVariables(found, () => Promise.resolve(['checkout']));
    const model = interpolated(found.panels.find(({ title }) => title === panel)!.targets[0], variables);
    const inPanel = (headers: Record<string, string>) => runQuery(lab.plugin, lab.source, model, { range, headers });
    const table = { 'http_X-Panel-Plugin-Id': 'table' };
    expect(onlyFrame(await inPanel(table)).column('result')).toEqual([expect.stringContaining(statement)]);
    // An expression, such as the number of rows, and other panels read the result as it is.
    const others: Array<Record<string, string>> = [
      { ...table, 'http_X-Grafana-From-Expr': 'true' },
      { 'http_X-Panel-Plugin-Id': 'stat' },
      {},
    ];
    for (const headers of others) {
      const [frame] = readFrames(await inPanel(headers));
      expect({ headers, rows: frame.rowCount }).toEqual({ headers, rows: 0 });
    }
  });
});

describe('numbers of the scenario', () => {
  async function firstRow(uid: string, panel: string): Promise<(column: string) => unknown> {
    const found = shippedDashboards().find((dashboard) => dashboard.uid === uid)!;
    const variables = await openedVariables(found, (model) => valuesOf(model, 6));
    const target = found.panels.find(({ title }) => title === panel)!.targets[0];
    const frame = onlyFrame(await run(interpolated(target, variables), 6));
    return (column) => frame.column(column)[0];
  }

  it('counts one crash', async () => {
    const value = await firstRow('micromegas-fleet', 'Processes');
    expect(['running', 'ended', 'crashed'].map((state) => Number(value(state)))).toEqual([6, 0, 1]);
    const session = await firstRow('micromegas-stability', 'Sessions');
    expect(Number(session('crash_free'))).toBeCloseTo((100 * 6) / 7, 3);
  });

  it('counts messages as one message if they differ only in numbers and ids', async () => {
    const value = await firstRow('micromegas-logs', 'Most frequent messages, level ${level:text} or more severe');
    expect(value('message')).toBe('match request * failed: no session within * ms');
    expect(Number(value('lines'))).toBeGreaterThan(1000);
  });

  it('shows the SQL for a rule with which the server rejects the most expensive query', async () => {
    const value = await firstRow('micromegas-query-cost', 'Most expensive statements');
    const hash = String(value('sql_hash'));
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(value('deny')).toBe(`SELECT msg AS rule_id FROM deny_queries('sql_hash = ''${hash}''', 'too expensive')`);
  });
});
