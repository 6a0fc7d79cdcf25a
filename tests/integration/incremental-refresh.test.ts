/**
 * Refreshes queries in parts while lines arrive late, and compares the results with those of queries over the whole
 * range.
 */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { ALL_TESTS } from '../support/all-tests';
import { NO_AUDIT, randomPanel } from '../support/random-panels';
import { DASHBOARD, IN_PARTS, RefreshBench, type RefreshedPanel, WHOLE } from '../support/refresh-bench';

const MINUTE_MS = 60_000;
/** Each seed is a test of its own, so that none takes minutes on a busy machine. */
const SEEDS = ALL_TESTS ? [7, 8, 9] : [7];

const fixture = useLakehouse();
let bench: RefreshBench;

beforeEach(() => {
  const clock = () => fixture.clockMs;
  bench = new RefreshBench({ now: clock, elapsedMs: clock });
});

afterEach(() => bench.close());

function read(panel: RefreshedPanel, range: { fromMs: number; toMs: number }, settings: MicromegasSettings) {
  const jsonData = { host: fixture.lakehouse.address, selectedAuthType: 'token' as const, ...settings };
  return bench.read(panel, range, { jsonData, apiKey: 'mmk_test-key' });
}

/** Writes lines with times in the last 40 minutes. The lines arrived at most five minutes ago. */
async function writeLines(random: () => number, step: number): Promise<void> {
  for (const [index, target] of ['late.a', 'late.b'].entries()) {
    if (random() < 0.4) {
      continue;
    }
    const now = fixture.clockMs;
    const lateMs = random() < 0.3 ? Math.floor(random() * 40 * MINUTE_MS) : 0;
    const lines = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, line) => ({
      timeMs: now - lateMs - Math.floor(random() * 20_000),
      message: `line ${line} of ${step}`,
    }));
    const arrivedMs = now - Math.floor(random() * 290_000);
    await fixture.lakehouse.addLogBlock({
      process: 'matchmaker',
      target,
      blockId: `00000000-0000-4000-8000-${String(step * 2 + index).padStart(12, '0')}`,
      arrivedMs,
      lines,
    });
  }
}

it.each(SEEDS)(
  'refreshes queries in parts, with the rows of the whole range (seed %d)',
  async (seed) => {
    const random = randomNumbers(seed);
    const panels = Array.from({ length: 6 }, () => randomPanel(random));
    const lengthMs = 120 * MINUTE_MS;
    for (let step = 0; step < (ALL_TESTS ? 12 : 6); step++) {
      await writeLines(random, step);
      const isZoomed = random() < 0.15;
      const toMs = fixture.clockMs + Math.floor(random() * 3) * 1000;
      const spanMs = isZoomed ? lengthMs / 2 : lengthMs;
      // Every second range begins at the start of a bin, like the ranges of shared results.
      const pastBinMs = step % 2 === 0 ? 0 : (toMs - spanMs) % (2 * MINUTE_MS);
      const range = { fromMs: toMs - spanMs - pastBinMs, toMs: toMs - pastBinMs };
      for (const panel of panels) {
        const columns = await read(panel, range, IN_PARTS);
        const expected = await read(panel, range, WHOLE);
        expect({ sql: panel.sql, step, columns }).toEqual({ sql: panel.sql, step, columns: expected });
      }
      fixture.clockMs += 5000 + Math.floor(random() * 60_000);
      await fixture.lakehouse.advance();
    }
    const { parts, whole } = bench.counts();
    expect(parts).toBeGreaterThan(whole);
  },
  300_000
);

const COUNT: RefreshedPanel = {
  sql: `SELECT $__dateBin(time) AS t, count(*) AS n FROM log_entries WHERE $__timeFilter(time) AND ${NO_AUDIT} GROUP BY 1 ORDER BY 1`,
  intervalMs: MINUTE_MS,
};

it('shows late rows after at most ten minutes', async () => {
  const isExact = async () => {
    const range = { fromMs: fixture.clockMs - 60 * MINUTE_MS, toMs: fixture.clockMs };
    return (await read(COUNT, range, IN_PARTS)) === (await read(COUNT, range, WHOLE));
  };
  const startMs = fixture.clockMs;
  expect(await isExact()).toBe(true);
  const late = { process: 'matchmaker', target: 'late.c', blockId: '00000000-0000-4000-8000-000000001000' };
  const lines = [{ timeMs: startMs - 30 * MINUTE_MS, message: 'late' }];
  await fixture.lakehouse.addLogBlock({ ...late, arrivedMs: startMs - 20 * MINUTE_MS, lines });
  const areExact: boolean[] = [];
  for (; fixture.clockMs <= startMs + 10 * MINUTE_MS; fixture.clockMs += 2 * MINUTE_MS) {
    areExact.push(await isExact());
  }
  expect(areExact).toEqual([false, false, false, false, false, true]);
});

it.each<{ name: string; panel: Partial<RefreshedPanel> }>([
  { name: 'Explore', panel: { headers: {} } },
  { name: 'an alert rule', panel: { headers: { ...DASHBOARD, fromalert: 'true' } } },
  { name: 'a public dashboard', panel: { user: { login: 'service', name: '', email: '', role: 'Admin' } } },
  { name: 'a visitor without a sign-in', panel: { user: { login: '', name: '', email: '', role: '' } } },
])('reads the whole range for $name', async ({ panel }) => {
  const range = { fromMs: fixture.clockMs - 60 * MINUTE_MS, toMs: fixture.clockMs };
  for (const each of [COUNT, COUNT, { ...COUNT, ...panel }, { ...COUNT, ...panel }]) {
    await read(each, range, IN_PARTS);
  }
  expect(bench.summaries.map(({ refreshed }) => refreshed)).toEqual(['whole', 'parts', undefined, undefined]);
});

it('gives a user with another role no bins from before', async () => {
  const range = { fromMs: fixture.clockMs - 60 * MINUTE_MS, toMs: fixture.clockMs };
  const editor = { ...COUNT, user: { login: 'ada', name: 'Ada', email: '', role: 'Editor' } };
  for (const panel of [COUNT, COUNT, editor, editor]) {
    await read(panel, range, IN_PARTS);
  }
  expect(bench.summaries.map(({ refreshed }) => refreshed)).toEqual(['whole', 'parts', 'whole', 'parts']);
});
