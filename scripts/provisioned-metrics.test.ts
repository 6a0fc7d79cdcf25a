/**
 * Checks the dashboard and the alert rules for the backend of the plugin: each expression is valid PromQL, and its
 * metrics and labels exist.
 */
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createMetrics } from '../proxy/observe/metrics/metrics';
import { fillMetrics } from '../proxy/observe/metrics/testing/fill-metrics';
import { ROOT } from '../tests/support/plugin';
import { rulesOf } from '../tests/support/provisioned-rules';

/** The data source UID of Prometheus in provisioning/datasources/prometheus.yaml. */
const PROMETHEUS = 'prometheus';

/** Metrics and labels that Prometheus adds. */
const PROMETHEUS_METRICS = ['up'];
const PROMETHEUS_LABELS = ['job', 'instance', 'le'];

const read = (path: string) => readFileSync(join(ROOT, 'provisioning', path), 'utf8');

const dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      type: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).optional(),
    })
  ),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), definition: z.string().optional(), allValue: z.string().optional() })),
  }),
});

const prometheusRules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ expr: z.string(), for: z.string().default('0s'), labels: z.unknown(), annotations: z.unknown() })
      ),
    })
  ),
});

const DASHBOARD = dashboard.parse(JSON.parse(read('dashboards/backend/backend.json')));
const GRAFANA_RULES = rulesOf('micromegas-backend.yaml');
const PROMETHEUS_RULES = prometheusRules
  .parse(parse(read('prometheus/rules.yml')))
  .groups.flatMap(({ rules }) => rules);

function expressionOf({ data }: (typeof GRAFANA_RULES)[number]): string {
  return z.string().parse(data.find(({ datasourceUid }) => datasourceUid === PROMETHEUS)?.model.expr);
}

/** The metric in the query of each variable. The query itself, `label_values(metric, label)`, is not PromQL. */
const variableQueries = DASHBOARD.templating.list.flatMap(({ name, definition = '' }) => {
  const metric = /^label_values\((.*), \w+\)$/.exec(definition)?.[1];
  return metric === undefined ? [] : [{ place: `variable ${name}`, expr: metric }];
});

const EXPRESSIONS = [
  ...variableQueries,
  ...DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ place: `panel ${title}`, expr: expr.replaceAll('$__rate_interval', '1m') }))
  ),
  ...GRAFANA_RULES.map((rule) => ({ place: `rule ${rule.title}`, expr: expressionOf(rule) })),
  ...PROMETHEUS_RULES.map(({ expr }) => ({ place: 'rules.yml', expr })),
];

interface Used {
  metrics: string[];
  labels: string[];
  errors: string[];
}

function usedBy(expr: string): Used {
  const used: Used = { metrics: [], labels: [], errors: [] };
  parser.parse(expr).iterate({
    enter({ type, from, to }) {
      const name = expr.slice(from, to);
      if (type.isError) {
        used.errors.push(`at ${from}: ${expr.slice(from, from + 20)}`);
      } else if (type.name === 'VectorSelector') {
        used.metrics.push(/^\w*/.exec(name)?.[0] ?? '');
      } else if (type.name === 'LabelName') {
        used.labels.push(name);
      }
    },
  });
  return used;
}

let exposed: { metrics: Set<string>; labels: Set<string> };

beforeAll(async () => {
  const metrics = createMetrics();
  fillMetrics(metrics);
  const samples = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const labels = samples.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label]) => label));
  // These metrics are missing until the first garbage collection of this process.
  const gc = ['_bucket', '_sum', '_count'].map((part) => `nodejs_gc_duration_seconds${part}`);
  exposed = {
    metrics: new Set([...samples.map((line) => /^\w+/.exec(line)?.[0] ?? ''), ...gc, ...PROMETHEUS_METRICS]),
    labels: new Set([...labels, 'kind', ...PROMETHEUS_LABELS]),
  };
});

it('finds the metrics and labels of an expression', () => {
  expect(usedBy('sum by (a) (rate(b_total{c=~"d"}[1m])) / on(e) group_left() f')).toEqual({
    metrics: ['b_total', 'f'],
    labels: ['a', 'c', 'e'],
    errors: [],
  });
  expect(usedBy('rate(b_total{[1m])').errors).not.toEqual([]);
});

it.each(EXPRESSIONS)('uses metrics and labels that exist: $place', ({ expr }) => {
  const { metrics, labels, errors } = usedBy(expr);
  expect(errors).toEqual([]);
  expect(metrics.length).toBeGreaterThan(0);
  expect(metrics.filter((name) => !exposed.metrics.has(name))).toEqual([]);
  expect(labels.filter((name) => !exposed.labels.has(name))).toEqual([]);
});

it('has legends whose labels occur in the expression', () => {
  const targets = DASHBOARD.panels.flatMap((panel) => panel.targets ?? []);
  const missing = targets.filter(({ expr, legendFormat }) => {
    const wanted = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    return !wanted.every((label) => expr.includes(label));
  });
  expect(missing).toEqual([]);
});

// The variable has no `allValue`, so All stands for the listed jobs only. Grafana's own job has metrics with the same
// names, such as `process_cpu_seconds_total`.
it("selects only the plugin's jobs if the variable `job` has the value All", () => {
  const job = DASHBOARD.templating.list.find(({ name }) => name === 'job');
  expect(job).toEqual({ name: 'job', definition: 'label_values(micromegas_plugin_info, job)' });
});

it('uses each metric of the plugin in the dashboard or in a rule', () => {
  const shown = EXPRESSIONS.map(({ expr }) => expr).join('\n');
  const bases = [...exposed.metrics].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  expect([...new Set(bases)].filter((name) => name.startsWith('micromegas_') && !shown.includes(name))).toEqual([]);
});

it('has panels that do not overlap and fill the rows', () => {
  const cells = new Set<string>();
  for (const { gridPos } of DASHBOARD.panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.has(`${x},${y}`)).toBe(false);
        cells.add(`${x},${y}`);
      }
    }
  }
  const height = Math.max(...DASHBOARD.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  expect(cells.size).toBe(24 * height);
  expect(new Set(DASHBOARD.panels.map(({ id }) => id)).size).toBe(DASHBOARD.panels.length);
});

it('has the same rules for Grafana and for Prometheus', () => {
  const operators: Record<string, string> = { gt: '>', lt: '<' };
  const threshold = z.object({
    conditions: z.array(z.object({ evaluator: z.object({ type: z.string(), params: z.array(z.number()) }) })),
  });
  const expected = GRAFANA_RULES.map((rule) => {
    const compare = rule.data.find(({ refId }) => refId === rule.condition);
    const [{ evaluator }] = threshold.parse(compare?.model).conditions;
    const [value] = evaluator.params;
    return { expr: `${expressionOf(rule)} ${operators[evaluator.type]} ${value}`, for: rule.for };
  });
  expect(PROMETHEUS_RULES.map(({ expr, for: duration }) => ({ expr, for: duration }))).toEqual(expected);
});
