import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext } from '@playwright/test';
import { expect, QueryEditor, test as base } from './grafana';
import { thresholdRule } from './threshold-rule';

const QUERY = 'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1';
const FOLDER = 'micromegas-tests';

/** A query for an alert rule. Of its three programs, one makes the rule fire, one is normal, and one has no value. */
const THREE_PROGRAMS = `SELECT $__timeTo() - INTERVAL '5 minutes' AS time, exe, CAST(n AS DOUBLE) AS n
FROM (VALUES ('fires', 1.5), ('normal', -1.5), ('without data', NULL)) AS programs(exe, n)`;

interface RuleState {
  state?: string;
  health?: string;
  lastError?: string;
}

interface Rule extends RuleState {
  alerts?: Array<{ state: string; labels: Record<string, string> }>;
}

/** A rule that fires if the last value of the query is more than 0. */
function ruleOf(source: DataSourceSettings, query: string): object {
  const model = { refId: 'A', query, format: 'time_series', version: 2, rawEditor: true, autoLimit: false };
  const title = `Messages of ${source.uid}`;
  return thresholdRule({ title, folder: FOLDER, source, model, seconds: 10_800, reducer: 'last', limit: 0 });
}

async function savedRule(request: APIRequestContext, group: string): Promise<Rule> {
  const response = await request.get('/api/prometheus/grafana/api/v1/rules');
  const { data }: { data: { groups: Array<{ name: string; rules: Rule[] }> } } = await response.json();
  return data.groups.find(({ name }) => name === group)?.rules[0] ?? {};
}

async function stateOf(request: APIRequestContext, group: string): Promise<RuleState> {
  const { state, health, lastError } = await savedRule(request, group);
  return { state, health, lastError };
}

/** The states of the rule's alerts by program. */
async function statesOf(request: APIRequestContext, group: string): Promise<Record<string, string>> {
  const { alerts = [] } = await savedRule(request, group);
  return Object.fromEntries(alerts.map(({ state, labels }) => [labels.exe ?? '', state]));
}

const test = base.extend<{ ruleQuery: string; ruleGroup: string }>({
  ruleQuery: [QUERY, { option: true }],
  ruleGroup: async ({ request, micromegas, ruleQuery }, use) => {
    const { uid } = micromegas;
    // The error of this request is ignored, because it means that the folder exists already.
    await request.post('/api/folders', { data: { uid: FOLDER, title: 'Micromegas tests' } });
    const path = `/api/v1/provisioning/folder/${FOLDER}/rule-groups/${uid}`;
    const group = { title: uid, folderUid: FOLDER, interval: 10, rules: [ruleOf(micromegas, ruleQuery)] };
    const saved = await request.put(path, { data: group });
    expect(saved.ok(), await saved.text()).toBe(true);
    await use(uid);
    await request.delete(path);
  },
});

test('evaluates the query of a new alert rule', async ({ micromegas, alertRuleEditPage, page }) => {
  const row = await alertRuleEditPage.getQueryRow();
  await row.datasource.set(micromegas.name);
  const editor = new QueryEditor(page, row.locator);
  await editor.type(QUERY);
  await editor.chooseFormat('Time series');
  const evaluated = page.waitForResponse((response) => response.url().includes('/api/v1/eval'));
  await page.getByRole('button', { name: /^Preview/ }).click();
  const { results }: { results: Record<string, { status: number }> } = await (await evaluated).json();
  expect(Object.values(results).map(({ status }) => status)).toEqual(Object.keys(results).map(() => 200));
  expect(Object.keys(results)).toContain('A');
});

test('fires a saved rule, which Grafana evaluates without a user', async ({ request, ruleGroup }) => {
  // Grafana evaluates the group every ten seconds.
  await expect
    .poll(() => stateOf(request, ruleGroup), { timeout: 60_000 })
    .toEqual({ state: 'firing', health: 'ok', lastError: undefined });
});

test.describe('with three programs', () => {
  test.use({ ruleQuery: THREE_PROGRAMS });

  test('has an alert state for each program', async ({ request, ruleGroup }) => {
    await expect
      .poll(() => statesOf(request, ruleGroup), { timeout: 60_000 })
      .toEqual({ fires: 'Alerting', normal: 'Normal', 'without data': 'NoData' });
  });
});
