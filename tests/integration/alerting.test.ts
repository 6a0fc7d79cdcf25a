/** Alert rules over the plugin protocol: the provisioned examples, and the shapes of results that rules accept. */
import { useSharedPlugin } from '../support/shared-plugin';
import { alertValues, type AlertValue } from '../support/alert-values';
import { readFrames } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { checkDollars, type ProvisionedRule, provisionedRules } from '../support/provisioned-rules';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

/** An alert rule has no user. */
const scheduler = (): Source => ({ ...lab.source, user: undefined });
const PUBLIC_DASHBOARD = { login: 'service', name: '', email: '', role: 'Admin' };
const HEADERS = { FromAlert: 'true', 'http_X-Rule-Name': 'Rule' };
/** The defaults of a rule's query. */
const INTERVAL_MS = 1000;
const POINTS = 43_200;

async function valuesOf(model: object, lastSeconds = 3600, intervalMs = INTERVAL_MS): Promise<AlertValue[]> {
  const toMs = lab.demo.lakehouseStartMs;
  const range = { fromMs: toMs - lastSeconds * 1000, toMs };
  const options = { headers: HEADERS, range, intervalMs, maxDataPoints: POINTS };
  return alertValues(await runQuery(lab.plugin, scheduler(), { version: 2, autoLimit: false, ...model }, options));
}

async function inputOf({ queries }: ProvisionedRule): Promise<AlertValue[]> {
  const [{ model, relativeTimeRange }] = queries;
  return valuesOf(model, relativeTimeRange.from, model.intervalMs);
}

const RULES = provisionedRules();

describe('a provisioned rule', () => {
  it('exists for each result shape', async () => {
    const shapes = new Set<string>();
    for (const rule of RULES) {
      const values = await inputOf(rule);
      shapes.add(values[0].kind === 'series' ? 'series' : values[0].labels.exe === undefined ? 'number' : 'rows');
    }
    expect([...shapes].sort()).toEqual(['number', 'rows', 'series']);
  });

  it.each(RULES)('"$title" has values that its expressions accept', async (rule) => {
    const values = await inputOf(rule);
    expect(values.length).toBeGreaterThan(0);
    const [first] = rule.expressions;
    expect(first.model.expression).toBe(rule.queries[0].refId);
    const kind = first.model.type === 'reduce' ? 'series' : 'number';
    expect(new Set(values.map((value) => value.kind))).toEqual(new Set([kind]));
    expect(rule.expressions.at(-1)?.refId).toBe(rule.condition);
    expect(values.every(({ values: numbers }) => numbers.some((number) => number !== null))).toBe(true);
  });

  it.each(RULES)('"$title" has the labels that its messages name', async (rule) => {
    const annotations = Object.values(rule.annotations).join(' ');
    const named = [...annotations.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
    for (const { labels } of await inputOf(rule)) {
      expect(Object.keys(labels)).toEqual(expect.arrayContaining(named));
    }
  });

  it('finds the ended process of the demo with the rule for silent processes', async () => {
    const rule = RULES.find(({ uid }) => uid === 'micromegas-silent-process');
    const silent = rule && (await inputOf(rule)).filter(({ values }) => Number(values[0]) < 1);
    expect(silent?.map(({ labels }) => labels.process_id)).toContain('0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01');
    expect(silent?.map(({ labels }) => labels.exe)).not.toContain('ember/web-gateway');
  });
});

describe('the provisioning file', () => {
  it.each([
    { where: 'a query', file: { model: { query: ['WHERE $$__timeFilter(time)'] } }, error: 'keeps both' },
    { where: 'an annotation', file: { annotations: { summary: '{{ $$labels.exe }}' } }, error: 'keeps both' },
    { where: 'a title', file: { title: '${HOME}' }, error: 'replace a variable' },
  ])('is rejected if Grafana would not read its dollar signs as intended: $where', ({ file, error }) => {
    expect(() => checkDollars({ groups: [file] })).toThrow(error);
  });
});

describe('a rule accepts', () => {
  it.each([
    ['a series for each set of labels', 'time_series', 'SELECT time, name, value FROM measures ORDER BY 1', 'series'],
    ['a number for each row', 'table', 'SELECT target, count(*) AS n FROM log_entries GROUP BY 1', 'number'],
    ['one number', 'table', 'SELECT count(*) AS n FROM log_entries', 'number'],
    ['times and numbers as a table', 'table', 'SELECT time, level FROM log_entries ORDER BY 1', 'series'],
  ])('%s', async (_name, format, query, kind) => {
    const values = await valuesOf({ format, query });
    expect(values.map((value) => value.kind)).toContain(kind);
  });

  it('an empty result, as no data', async () => {
    expect(await valuesOf({ query: 'SELECT target, level FROM log_entries WHERE 1 = 0' })).toEqual([]);
  });
});

describe('filters and groups', () => {
  const query = 'SELECT exe, count(*) AS n FROM log_entries GROUP BY exe';
  const exesOf = (values: AlertValue[]) => values.map(({ labels }) => labels.exe).sort();

  it('a rule applies the saved filters, but no ad hoc filters', async () => {
    const all = exesOf(await valuesOf({ query }));
    expect(all.length).toBeGreaterThan(2);
    const filters = [{ key: 'exe', operator: '!=', value: all[0] }];
    const adHocFilters = [{ key: 'exe', operator: '=', value: all[1] }];
    expect(exesOf(await valuesOf({ query, filters, adHocFilters }))).toEqual(all.slice(1));
  });

  it('a rule ignores saved groups of a dashboard', async () => {
    const count = { query: 'SELECT count(*) AS n FROM log_entries', groupByKeys: ['exe'] };
    expect(await valuesOf(count)).toHaveLength(1);
  });

  it('a public dashboard ignores ad hoc filters, and a panel applies them', async () => {
    const adHocFilters = [{ key: 'exe', operator: '=' as const, value: 'ember/matchmaker' }];
    const rowsOf = async (user: Source['user']) =>
      alertValues(
        await runQuery(lab.plugin, { ...lab.source, user }, { query, version: 2, autoLimit: false, adHocFilters })
      );
    expect((await rowsOf(PUBLIC_DASHBOARD)).length).toBeGreaterThan(2);
    expect(exesOf(await rowsOf(lab.source.user))).toEqual(['ember/matchmaker']);
  });
});

it.each<{ where: string; user: () => Source['user']; headers: Record<string, string>; severity: string }>([
  { where: 'public dashboards', user: () => PUBLIC_DASHBOARD, headers: {}, severity: 'info' },
  { where: 'alert rules', user: () => undefined, headers: HEADERS, severity: 'info' },
  { where: 'Explore', user: () => lab.source.user, headers: {}, severity: 'warning' },
  { where: 'a dashboard', user: () => lab.source.user, headers: { 'X-Dashboard-Uid': 'abc' }, severity: 'warning' },
])('adds a notice about variables in SQL of $where, even to an empty result', async ({ user, headers, severity }) => {
  const unreplaced = `SELECT exe, level FROM log_entries WHERE exe IN ('$program') AND $__timeFilter(time)`;
  const noticesOf = async (sql: string) => {
    const response = await runQuery(
      lab.plugin,
      { ...lab.source, user: user() },
      { query: sql, version: 2 },
      { headers }
    );
    return readFrames(response).flatMap(({ meta, rowCount }) => ({ rowCount, notices: meta.notices }));
  };
  const notice = { severity, text: expect.stringContaining('The SQL contains $program. ') };
  expect(await noticesOf(unreplaced)).toEqual([{ rowCount: 0, notices: [notice] }]);
  expect((await noticesOf(`${unreplaced} OR level = 1 LIMIT 1`))[0].notices).toEqual([notice]);
  const [{ notices }] = await noticesOf(unreplaced.replace('$program', 'ember/matchmaker'));
  expect(notices ?? []).not.toContainEqual(notice);
});

describe('a rule rejects', () => {
  it.each([
    ['times and strings as a table', 'table', 'SELECT time, target, level FROM log_entries LIMIT 10', 'wide series'],
    ['log lines', 'logs', 'SELECT time, msg FROM log_entries LIMIT 10', 'wide series'],
    ['rows of numbers without strings', 'table', 'SELECT level, level AS b FROM log_entries LIMIT 3', 'wide series'],
    ['rows with the same strings', 'table', 'SELECT level, exe FROM log_entries LIMIT 100', 'same labels'],
    ['a row with two numbers', 'table', 'SELECT min(level) AS a, max(level) AS b FROM log_entries', 'same labels'],
  ])('%s', async (_name, format, query, reason) => {
    await expect(valuesOf({ format, query })).rejects.toThrow(reason);
  });
});
