/** Checks that docs/operator/observability.md lists every metric of the backend with its type and labels. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics } from '../proxy/observe/metrics/metrics';
import { fillMetrics } from '../proxy/observe/metrics/testing/fill-metrics';

const PAGE = readFileSync(join(__dirname, '..', 'docs', 'operator', 'observability.md'), 'utf8');

/** Labels that the table does not repeat: that of the process, which all metrics have, and that of buckets. */
const COMMON = ['backend', 'le'];

interface Described {
  type: string;
  labels: string[];
}

function documented(): Record<string, Described> {
  const rows = PAGE.matchAll(/^\| `(\w+)` +\| (\w+) +\| ([^|]*)\|/gm);
  return Object.fromEntries(
    [...rows].map(([, name, type, labels]) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort() },
    ])
  );
}

/** The labels of a metric are read from its samples, so each metric needs a sample. */
async function exposed(): Promise<Record<string, Described>> {
  const metrics = createMetrics();
  fillMetrics(metrics);
  const rendered = await metrics.render();
  return Object.fromEntries(
    [...rendered.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => {
      const samples = [...rendered.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{(.*)\\})? \\S+$`, 'gm'))];
      const labels = samples.flatMap(([, found = '']) => [...found.matchAll(/(\w+)="/g)].map(([, label]) => label));
      return [name, { type, labels: [...new Set(labels)].filter((label) => !COMMON.includes(label)).sort() }];
    })
  );
}

it('lists the metrics of the plugin with their types and labels', async () => {
  const own = Object.entries(await exposed()).filter(([name]) => name.startsWith('micromegas_'));
  expect(own.length).toBeGreaterThan(20);
  const { nodejs_gc_duration_seconds: gc, ...table } = documented();
  expect(table).toEqual(Object.fromEntries(own));
  expect(gc).toEqual({ type: 'histogram', labels: ['kind'] });
});

it('names the metrics of prom-client', async () => {
  const names = Object.keys(await exposed()).filter((name) => !name.startsWith('micromegas_'));
  expect(names.filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
});
