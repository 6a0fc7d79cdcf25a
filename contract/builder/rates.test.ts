/**
 * Tests the rate of a counter that grows by one per second: the rate must be one, however long the time between samples
 * is.
 */
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { expandMacros } from '../../proxy/sql/macros/expand-macros';
import { builderQuery } from './builder-sql';
import { type MetricsState } from './builder-state';
import { newState } from './new-state';
import { type Counter, COUNTER_RANGE, DELTA, withCounters } from './testing/counters';

const fixture = useLakehouse();

const rate: MetricsState = { ...newState('metrics'), name: 'requests', aggregation: 'rate' };
const increments: MetricsState = { ...rate, aggregation: 'increment-rate' };

/** Rows of the query as strings, without the time. Numbers have six digits. */
async function rowsOf(state: MetricsState, counters: readonly Counter[]): Promise<string[]> {
  const sql = withCounters(builderQuery(state).sql, counters);
  const rows = await fixture.client.rows(expandMacros(sql, { ...COUNTER_RANGE, intervalMs: 5000 }).toString());
  return rows.map(({ time: _time, ...row }) =>
    Object.values(row)
      .map((value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value))
      .join(' ')
  );
}

const minutely: Counter = { everySeconds: 60 };

it.each(['auto', '5s', '90s', '2m', '1h'])(
  'returns the rate of a counter with one sample per minute: interval %s',
  async (interval) => {
    const rows = await rowsOf({ ...rate, interval }, [minutely]);
    expect([...new Set(rows)]).toEqual(['1']);
  }
);

it('adds the rates of several series if one series starts again from zero', async () => {
  const counters: Counter[] = [
    { ...minutely, process: 'p2' },
    { ...minutely, properties: { route: '/' } },
    { ...minutely, to: 240 },
    // The same series after a restart: its values start again from zero.
    { ...minutely, from: 300 },
  ];
  const rows = await rowsOf({ ...rate, interval: '2m' }, counters);
  expect(rows).toEqual(['3', '3', '2.5', '3', '3', '3']);
});

it.each<[string, MetricsState['groupBy'], string[]]>([
  ['a column', [{ column: 'exe' }], ['ember 2']],
  ['a property', [{ column: 'properties', property: 'rate' }], [' 1', 'fast 1']],
])('groups rates by %s', async (_name, groupBy, expected) => {
  const counters = [minutely, { ...minutely, properties: { rate: 'fast' } }];
  const rows = await rowsOf({ ...rate, interval: '10m', groupBy }, counters);
  expect(rows.slice(0, expected.length).sort()).toEqual(expected);
  expect((await rowsOf({ ...rate, shape: 'rows', groupBy }, counters)).sort()).toEqual(expected);
});

it('returns the rate of the whole range as one number', async () => {
  expect(await rowsOf({ ...rate, shape: 'number' }, [minutely, { ...minutely, process: 'p2' }])).toEqual(['2']);
});

it('returns one rate for processes that ran one after the other, not the sum of their rates', async () => {
  const halves: Counter[] = [
    { everySeconds: 10, to: 300 },
    { everySeconds: 10, from: 300, process: 'p2' },
  ];
  const [row] = await rowsOf({ ...rate, shape: 'number' }, halves);
  expect(Number(row)).toBeCloseTo(1, 1);
});

const deltas: Counter = { everySeconds: 60, isDelta: true };

it('returns the rate of OpenTelemetry sums with delta temporality', async () => {
  const rows = await rowsOf({ ...rate, interval: '2m' }, [{ ...deltas, properties: DELTA }]);
  expect([...new Set(rows)]).toEqual(['1']);
  expect(await rowsOf({ ...rate, shape: 'number' }, [{ ...deltas, properties: DELTA }])).toEqual(['1']);
});

it('returns the rate of increments', async () => {
  const rows = await rowsOf({ ...increments, interval: '2m' }, [deltas]);
  expect(rows.slice(0, 5)).toEqual(['1', '1', '1', '1', '1']);
  expect(await rowsOf({ ...increments, shape: 'number' }, [{ ...deltas, from: 60 }])).toEqual(['1']);
  const oneBin = await rowsOf({ ...increments, groupBy: [{ column: 'exe' }] }, [{ ...deltas, everySeconds: 1 }]);
  expect([...new Set(oneBin)]).toEqual(['ember 1', 'ember 0.2']);
});
