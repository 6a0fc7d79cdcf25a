/**
 * The percentile of durations with a heavy tail. `approx_percentile_cont` was up to 74 times too large for such
 * values.
 */
import { useLakehouse } from '../../../demo/lakehouse/lakehouse-fixture';
import { durationStatisticsSql } from './duration-statistics';

const fixture = useLakehouse();

/** Durations in nanoseconds: 96 % are below 4 µs, the others up to 5,000 s. */
const DURATIONS = Array.from({ length: 2000 }, (_, index) =>
  index % 25 === 0 ? 1_000_000_000 * (1 + index * 2.5) : 1 + ((index * 37) % 4000)
);
const CALLS = `(SELECT * FROM (VALUES ${DURATIONS.map(
  (duration, index) => `('${index % 2 === 0 ? 'even' : 'odd'}', ${duration}, ${index % 10 === 0 ? 1 : 0})`
).join(', ')}) AS v(name, duration, failed))`;

it('estimates the 95th percentile of each group with an error of at most 1 %, and counts exactly', async () => {
  const rows = await fixture.client.rows(durationStatisticsSql(CALLS, ['name']));
  const found = rows.toSorted((left, right) => String(left['name']).localeCompare(String(right['name'])));
  for (const [group, row] of found.entries()) {
    const durations = DURATIONS.filter((_, index) => index % 2 === group).toSorted((left, right) => left - right);
    const exact = durations[Math.ceil(durations.length * 0.95) - 1] ?? 0;
    const mean = durations.reduce((sum, duration) => sum + duration, 0) / durations.length;
    expect(Math.abs(Number(row['p95_ns']) / exact - 1)).toBeLessThan(0.01);
    expect(Number(row['mean_ns']) / mean).toBeCloseTo(1, 6);
    expect([row['name'], Number(row['calls']), Number(row['errors'])]).toEqual(
      group === 0 ? ['even', 1000, 200] : ['odd', 1000, 0]
    );
  }
  expect(found).toHaveLength(2);
});
