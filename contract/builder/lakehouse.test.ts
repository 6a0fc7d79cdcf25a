/** Runs the SQL of the builder on the demo's lakehouse. */
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { processByKey } from '../../demo/lakehouse/story';
import { expandMacros } from '../../proxy/sql-macros/expand-macros';
import { builderQuery } from './builder-sql';
import { type BuilderState } from './builder-state';
import { newState } from './new-state';
import { ANNOTATION_PRESETS, STARTING_POINTS } from './starting-points';

const fixture = useLakehouse();

const TO = Date.parse('2026-11-24T12:00:00Z');

async function rowsOf(sql: string, hours: number): Promise<unknown> {
  const expanded = expandMacros(sql, { fromMs: TO - hours * 3_600_000, toMs: TO, intervalMs: 300_000 });
  const rows = await fixture.client.rows(expanded);
  return rows;
}

const examples: Array<[string, BuilderState]> = [
  ['a series', { ...newState('metrics'), name: 'frame_time_ms', unit: 'ms', interval: '10m' }],
  [
    'x',
    {
      ...newState('metrics'),
      name: 'request_latency',
      aggregation: 'rate',
      groupBy: [{ column: 'exe' }, { column: 'properties', property: 'region' }],
    },
  ],
  ['logs', { ...newState('logs'), minLevel: 2, limit: 2 }],
  ['processes', { ...newState('processes'), limit: 3 }],
  ['spans', { ...newState('spans'), processId: processByKey('web-gateway').id, limit: 2 }],
  ['spans2', { ...newState('spans'), spans: 'thread', processId: processByKey('server-restarted').id, limit: 2 }],
];

it.each(examples)('%s', async (_name, state) => {
  console.log(
    builderQuery(state).sql,
    JSON.stringify(await rowsOf(builderQuery(state).sql, 1), (_k, v) => (typeof v === 'bigint' ? Number(v) : v))
  );
});
it.each([...STARTING_POINTS, ...ANNOTATION_PRESETS])('%s', async ({ id, sql, state }) => {
  const s = state?.kind === 'spans' ? { ...state, processId: processByKey('web-gateway').id } : state;
  const text = s ? builderQuery(s).sql : sql;
  console.log(
    id,
    text,
    JSON.stringify(await rowsOf(text ?? '', 24), (_k, v) => (typeof v === 'bigint' ? Number(v) : v)).slice(0, 500)
  );
});
