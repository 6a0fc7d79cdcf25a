/**
 * Checks that the dashboard for the backend counts each process once. Several Grafana servers with one sidecar report
 * the same numbers, with the same label `backend`.
 */
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createMetrics } from '../proxy/observe/metrics/metrics';
import { fillMetrics } from '../proxy/observe/metrics/testing/fill-metrics';
import { ROOT } from '../tests/support/plugin';

const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
});

const EXPRESSIONS = dashboard
  .parse(JSON.parse(readFileSync(join(ROOT, 'provisioning/dashboards/backend/backend.json'), 'utf8')))
  .panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

/** The labels of each sample in a Prometheus text exposition, by the name of the sample. */
function labelsByName(exposition: string): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>([['nodejs_gc_duration_seconds_sum', new Set(['backend', 'kind'])]]);
  for (const [, name, list] of exposition.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
    labels.set(name, new Set([...list.matchAll(/(\w+)="/g)].map(([, label]) => label)));
  }
  return labels;
}

interface Selector {
  metric: string;
  /** The innermost aggregation of the time series, such as `max`. Undefined if they are not aggregated. */
  aggregation: string | undefined;
  /** The labels of the groups of this aggregation. */
  by: string[];
}

function selectorsOf(expr: string): Selector[] {
  const selectors: Selector[] = [];
  const promql = expr.replaceAll('$__rate_interval', '1m');
  parser.parse(promql).iterate({
    enter({ type, node }) {
      if (type.name !== 'VectorSelector') {
        return;
      }
      let outer = node.parent;
      while (outer !== null && outer.name !== 'AggregateExpr') {
        outer = outer.parent;
      }
      const around = outer === null ? '' : promql.slice(outer.from, outer.to);
      const [, aggregation, by = ''] = /^(\w+)(?: by \(([^)]*)\))?/.exec(around) ?? [];
      selectors.push({
        metric: /^\w*/.exec(promql.slice(node.from, node.to))?.[0] ?? '',
        aggregation,
        by: by.split(', ').filter((label) => label !== ''),
      });
    },
  });
  return selectors;
}

let labels: Map<string, Set<string>>;

beforeAll(async () => {
  const metrics = createMetrics();
  fillMetrics(metrics);
  labels = labelsByName(await metrics.render());
});

it('finds the innermost aggregation of each metric', () => {
  expect(selectorsOf('sum by (a) (max by (a, b) (rate(c_total{d=~"e"}[$__rate_interval]))) / f')).toEqual([
    { metric: 'c_total', aggregation: 'max', by: ['a', 'b'] },
    { metric: 'f', aggregation: undefined, by: [] },
  ]);
});

// A maximum over equal values is the value. Within a process, no time series may be lost: the groups have all labels.
it.each(EXPRESSIONS)('$title: $expr', ({ expr }) => {
  for (const { metric, aggregation, by } of selectorsOf(expr)) {
    expect(aggregation).toBe('max');
    if (by.includes('backend')) {
      expect([...(labels.get(metric) ?? [])].filter((label) => !by.includes(label))).toEqual([]);
    }
  }
});
