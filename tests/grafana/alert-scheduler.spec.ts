/**
 * When rules fire and resolve, in Grafana's scheduler, for the rows of the table of docs/user/alerting.md. All rules
 * are in one group, which Grafana evaluates every ten seconds. Their windows are 20 seconds long.
 */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type BuilderState, type TableState } from '../../contract/builder/builder-state';
import { STARTING_POINTS } from '../../contract/builder/starting-points';
import { windowNumber } from '../../contract/builder/window-number';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { type Lakehouse, startLakehouse } from '../../demo/lakehouse/lakehouse';
import { provisionedRules } from '../support/provisioned-rules';
import { builtModel } from './builder-panel';
import { expect, test as base } from './grafana';
import { RuleStates } from './rule-states';
import { thresholdRule } from './threshold-rule';

const FOLDER = 'micromegas-scheduler';
const API_KEY = 'mmk_scheduler';
const WINDOW_MS = 20_000;
const SECOND_MS = 1000;
const TARGET = 'scheduler.test';

const errorsOverTime = STARTING_POINTS.find(({ id }) => id === 'errors-over-time')?.state as TableState;

/** The state with rows of one target. */
function onTarget(state: TableState, target: string): TableState {
  const condition = { column: 'target', type: 'text' as const, operator: '=' as const, values: [target] };
  return { ...state, conditions: [...state.conditions, condition] };
}

function numberOf(state: TableState): BuilderState {
  const number = windowNumber(state, WINDOW_MS);
  expect(number).toBeDefined();
  return number ?? state;
}

const errors = onTarget(errorsOverTime, TARGET);
/** Counts the lines of all programs. */
const ungrouped: TableState = { ...errors, columns: errors.columns.slice(1), groupBy: [] };
const lines: TableState = { ...onTarget({ ...errorsOverTime, conditions: [] }, `${TARGET}.alive`) };
const steady = onTarget({ ...ungrouped, conditions: [] }, `${TARGET}.steady`);
const share: TableState = {
  ...steady,
  columns: [{ raw: '100.0 * sum(CASE WHEN level <= 2 THEN 1 ELSE 0 END) / count(*) AS error_percent' }],
};
const p95: TableState = { ...steady, columns: [{ column: 'properties', property: 'ms', aggregation: 'p95' }] };

interface Question {
  /** A state of the builder, or a saved query. */
  state?: BuilderState;
  model?: object;
  limit: number;
  isBelow?: boolean;
  pending?: string;
  seconds?: number;
  reducer?: 'last' | 'sum';
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  // What New alert rule makes of a panel: bins of 30 seconds, Last, pending one minute.
  last: {
    state: { ...errors, time: { column: 'time', interval: '30s', fill: 'zero' } },
    limit: 0,
    pending: '1m',
  },
  sum: {
    state: { ...errors, time: { column: 'time', interval: '30s', fill: 'zero' } },
    limit: 0,
    reducer: 'sum',
    seconds: 60,
  },
  count: { state: numberOf(errors), limit: 0 },
  'count of all': { state: numberOf(ungrouped), limit: 0 },
  share: { state: numberOf(share), limit: 10 },
  p95: { state: numberOf(p95), limit: 500 },
  provisioned: {
    model: provisionedRules().find(({ uid }) => uid === 'micromegas-fatal-line')?.queries[0].model,
    limit: 0,
  },
  silent: { state: numberOf(lines), limit: 1, isBelow: true, seconds: 60 },
};

const test = base.extend<{ lakehouse: Lakehouse; source: DataSourceSettings; states: RuleStates }>({
  lakehouse: async ({}, use) => {
    const lakehouse = await startLakehouse({ apiKeys: [{ name: 'scheduler', key: API_KEY }] });
    await use(lakehouse);
    await lakehouse.close();
  },
  source: async ({ lakehouse, createDataSource, grafanaAPIClient }, use) => {
    const source = await createDataSource({
      name: `Micromegas ${test.info().testId}`,
      type: PLUGIN_ID,
      access: 'proxy',
      jsonData: { host: lakehouse.address, selectedAuthType: 'token' },
      secureJsonData: { token: API_KEY },
    });
    await use(source);
    await grafanaAPIClient.deleteDataSourceByUID(source.uid);
  },
  states: async ({ request, source }, use) => {
    await request.post('/api/folders', { data: { uid: FOLDER, title: 'Micromegas scheduler' } });
    const rules = Object.entries(QUESTIONS).map(([title, { state, model, ...question }]) =>
      thresholdRule({
        title,
        folder: FOLDER,
        source,
        model: { ...(state === undefined ? model : builtModel(state)), intervalMs: SECOND_MS },
        seconds: 600,
        reducer: 'last',
        ...question,
      })
    );
    const group = { title: source.uid, folderUid: FOLDER, interval: 10, rules };
    const saved = await request.put(`/api/v1/provisioning/folder/${FOLDER}/rule-groups/${source.uid}`, { data: group });
    expect(saved.ok(), await saved.text()).toBe(true);
    await use(new RuleStates(request, source.uid));
    await request.delete(`/api/folders/${FOLDER}?forceDeleteRules=true`);
  },
});

interface Line {
  /** Seconds after now. A line with a future time is read when its time has come. */
  at: number;
  level?: number;
  ms?: number;
}

async function write(lakehouse: Lakehouse, process: string, target: string, written: readonly Line[]): Promise<void> {
  const nowMs = Date.now();
  await lakehouse.addLogBlock({
    process,
    target,
    blockId: '40000000-0000-4000-8000-000000000001',
    arrivedMs: nowMs,
    lines: written.map(({ at, level, ms }) => ({
      timeMs: nowMs + at * SECOND_MS,
      message: 'scheduler',
      ...(level !== undefined && { level }),
      ...(ms !== undefined && { properties: { ms: String(ms) } }),
    })),
  });
}

/** A line for each second. */
const each = (from: number, to: number, line: Omit<Line, 'at'> = {}): Line[] =>
  Array.from({ length: to - from }, (_, index) => ({ ...line, at: from + index }));

test('fires and resolves as the documentation says', async ({ lakehouse, states }) => {
  // Each program has been seen before. One of the two programs that send lines each second will stop for a while, and
  // the other one for ever.
  await write(lakehouse, 'editor', TARGET, [{ at: -120, level: 1 }]);
  await write(lakehouse, 'matchmaker', `${TARGET}.steady`, each(-60, 300, { ms: 100 }));
  await write(lakehouse, 'editor', `${TARGET}.alive`, each(-60, 25));
  await write(lakehouse, 'matchmaker', `${TARGET}.alive`, each(-60, 25));
  await write(lakehouse, 'web-gateway', `${TARGET}.alive`, each(-60, 300));
  await states.become({
    'last: ember-editor': 'Normal',
    'count: ember-editor': 'Normal',
    'count of all: all': 'Normal',
    'share: all': 'Normal',
    'p95: all': 'Normal',
    // Its window is five minutes long, and includes the fatal line of two minutes ago.
    'provisioned: ember-editor': 'Alerting',
    'silent: ember-editor': 'Normal',
    'silent: ember/matchmaker': 'Normal',
    'silent: ember/web-gateway': 'Normal',
  });

  await write(lakehouse, 'editor', TARGET, [{ at: 0, level: 1 }]);
  await write(lakehouse, 'matchmaker', `${TARGET}.steady`, [
    ...each(-10, 0, { level: 2, ms: 100 }),
    ...each(-10, 0, { ms: 5000 }),
  ]);
  await states.become({
    'sum: ember-editor': 'Alerting',
    'count: ember-editor': 'Alerting',
    'count of all: all': 'Alerting',
    'share: all': 'Alerting',
    'p95: all': 'Alerting',
  });
  await states.become({
    'count: ember-editor': 'Normal',
    'count of all: all': 'Normal',
    'share: all': 'Normal',
    'p95: all': 'Normal',
    'silent: ember-editor': 'Alerting',
    'silent: ember/matchmaker': 'Alerting',
  });

  // The program sends again.
  await write(lakehouse, 'editor', `${TARGET}.alive`, each(0, 200));
  await states.become({ 'silent: ember-editor': 'Normal' });
  // The other program is forgotten.
  await states.become({ 'silent: ember/matchmaker': 'none' });
  await states.become({ 'sum: ember-editor': 'none' });
  expect(Array.from(states.seen.get('last: ember-editor') ?? [])).not.toContain('Alerting');
  expect(Array.from(states.seen.get('silent: ember/web-gateway') ?? [])).toEqual(['Normal']);
});
