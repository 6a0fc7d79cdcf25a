import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext } from '@playwright/test';
import { expect, QueryEditor, test as base } from './grafana';

const QUERY = 'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1';
const FOLDER = 'micromegas-tests';

interface RuleState {
  state?: string;
  health?: string;
  lastError?: string;
}

/** A rule that fires if the last value of the query is more than 0. */
function ruleOf({ uid }: DataSourceSettings): object {
  const expression = (refId: string, model: object) => ({
    refId,
    datasourceUid: '__expr__',
    model: { refId, ...model },
  });
  return {
    title: `Messages of ${uid}`,
    ruleGroup: uid,
    folderUID: FOLDER,
    orgID: 1,
    for: '0s',
    noDataState: 'NoData',
    execErrState: 'Error',
    condition: 'C',
    data: [
      {
        refId: 'A',
        datasourceUid: uid,
        relativeTimeRange: { from: 10_800, to: 0 },
        model: { refId: 'A', query: QUERY, format: 'time_series', version: 2, rawEditor: true, autoLimit: false },
      },
      expression('B', { type: 'reduce', expression: 'A', reducer: 'last' }),
      expression('C', { type: 'threshold', expression: 'B', conditions: [{ evaluator: { type: 'gt', params: [0] } }] }),
    ],
  };
}

async function stateOf(request: APIRequestContext, group: string): Promise<RuleState> {
  const response = await request.get('/api/prometheus/grafana/api/v1/rules');
  const { data }: { data: { groups: Array<{ name: string; rules: RuleState[] }> } } = await response.json();
  const { state, health, lastError } = data.groups.find(({ name }) => name === group)?.rules[0] ?? {};
  return { state, health, lastError };
}

const test = base.extend<{ ruleGroup: string }>({
  ruleGroup: async ({ request, micromegas }, use) => {
    const { uid } = micromegas;
    // This request fails if the folder exists already, which does no harm.
    await request.post('/api/folders', { data: { uid: FOLDER, title: 'Micromegas tests' } });
    const path = `/api/v1/provisioning/folder/${FOLDER}/rule-groups/${uid}`;
    const group = { title: uid, folderUid: FOLDER, interval: 10, rules: [ruleOf(micromegas)] };
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
  await expect(alertRuleEditPage.evaluate()).toBeOK();
});

test('fires without a user', async ({ request, ruleGroup }) => {
  // Grafana evaluates the group every ten seconds.
  await expect
    .poll(() => stateOf(request, ruleGroup), { timeout: 60_000 })
    .toEqual({ state: 'firing', health: 'ok', lastError: undefined });
});
