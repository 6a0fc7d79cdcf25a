/**
 * Refreshes panels while the lakehouse changes as it should not: lines arrive out of order, twice, and up to an hour
 * late, the daemon sleeps, retention removes hours of lines, and clocks are set. Each result must equal that of a query
 * over the whole range, or say which of its parts come from memory. Log lines that are read in slices must always equal
 * those of one statement.
 *
 * `REFRESHES=10000 npx jest tests/integration/refresh-attacks` is a long run, and prints its counts.
 */
import { type KeptParts } from '../../contract/resources/query-costs';
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { type ReadFrame } from '../support/frames';
import { randomPanel } from '../support/random-panels';
import { IN_PARTS, RefreshBench, type RefreshedPanel, WHOLE } from '../support/refresh-bench';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const REFRESHES = Number(process.env.REFRESHES ?? 60);
const PANELS = 6;
/** The default of _Incremental refresh_. */
const WHOLE_AFTER_MS = 10 * MINUTE_MS;

const fixture = useLakehouse();

type Block = Parameters<typeof fixture.lakehouse.addLogBlock>[0];

/** Writes lines, and removes them. */
class Writer {
  /** Lines that the daemon has not made readable yet. */
  #hidden: Array<{ block: Block; readableMs: number }> = [];
  #blocks = 0;
  #sleepsUntilMs = 0;

  constructor(readonly random: () => number) {}

  #block(): Block {
    const { random } = this;
    const ageMs = random() < 0.3 ? random() * HOUR_MS : random() * 20_000;
    const lines = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, line) => ({
      timeMs: Math.floor(fixture.clockMs - ageMs - random() * 5000),
      message: `line ${line} of ${this.#blocks}`,
    }));
    const target = random() < 0.5 ? 'late.a' : 'late.b';
    return { process: 'matchmaker', target, blockId: this.#nextId(), arrivedMs: fixture.clockMs, lines };
  }

  #nextId(): string {
    return `00000000-0000-4000-8000-${String(this.#blocks++).padStart(12, '0')}`;
  }

  /** One step: new blocks, then those that become readable. */
  async step(): Promise<void> {
    const { random } = this;
    if (random() < 0.05) {
      this.#sleepsUntilMs = fixture.clockMs + random() * 70 * MINUTE_MS;
    }
    for (let count = Math.floor(random() * 3); count > 0; count--) {
      const block = this.#block();
      const delayMs = random() < 0.2 ? random() * HOUR_MS : random() * 2 * MINUTE_MS;
      const readableMs = Math.max(fixture.clockMs + delayMs, this.#sleepsUntilMs);
      this.#hidden.push({ block, readableMs });
      if (random() < 0.2) {
        this.#hidden.push({
          block: { ...block, blockId: this.#nextId() },
          readableMs: readableMs + random() * HOUR_MS,
        });
      }
    }
    const due = this.#hidden.filter(({ readableMs }) => readableMs <= fixture.clockMs);
    this.#hidden = this.#hidden.filter(({ readableMs }) => readableMs > fixture.clockMs);
    for (const { block } of due.reverse()) {
      await fixture.lakehouse.addLogBlock(block);
    }
    if (random() < 0.05) {
      const fromMs = fixture.clockMs - random() * HOUR_MS;
      await fixture.lakehouse.removeLogLines(fromMs, fromMs + random() * 15 * MINUTE_MS);
    }
  }
}

const asText = (value: unknown) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value ?? null));

/** The rows of a result by their time, in milliseconds. Missing values of a series are left out. */
function rowsByTime(frames: readonly ReadFrame[]): Map<number, string> {
  const rows = new Map<number, string>();
  for (const frame of frames) {
    const [time, ...others] = Object.keys(frame.types);
    const columns = others.map((name) => ({
      name: JSON.stringify([name, frame.labels(name)]),
      values: frame.column(name),
    }));
    frame.column(time).forEach((at, row) => {
      const cells = columns
        .filter(({ values }) => values[row] !== null)
        .map(({ name, values }) => `${name}=${asText(values[row])}`);
      const ms = Number(BigInt(at as bigint) / (String(at).length > 15 ? 1_000_000n : 1n));
      rows.set(ms, [rows.get(ms) ?? '', ...cells.sort()].join(' '));
    });
  }
  return rows;
}

/** Starts of the bins that are different. */
function differences(before: readonly ReadFrame[], after: readonly ReadFrame[]): number[] {
  const [left, right] = [rowsByTime(before), rowsByTime(after)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((at) => (left.get(at) ?? '') !== (right.get(at) ?? ''));
}

/**
 * The parts of a result that come from memory, if the result says so and the whole range was read in time.
 *
 * @param nowMs Clock of the backend.
 */
function markedParts([frame]: readonly ReadFrame[], nowMs: number): KeptParts['parts'] {
  const { kept } = (frame?.meta.custom ?? {}) as { kept?: KeptParts };
  const isInTime = kept !== undefined && Math.abs(nowMs - kept.wholeReadMs) <= WHOLE_AFTER_MS;
  return isInTime ? kept.parts : [];
}

/** Two versions of a query for log lines: the backend may read `sliced` in slices, but not `whole`. */
function lines(step: number, fromMs: number): Record<'sliced' | 'whole', RefreshedPanel> {
  const columns = "SELECT time, target || msg || block_id AS msg FROM log_entries WHERE target LIKE 'late.%'";
  const from = `time >= '${new Date(fromMs).toISOString()}'`;
  const order = `ORDER BY time DESC, msg LIMIT ${1 + (step % 40)}`;
  const panel = (sql: string) => ({ sql, intervalMs: MINUTE_MS, format: 'logs' });
  return {
    sliced: panel(`${columns} AND ${from} AND $__timeFilter(time) ${order}`),
    whole: panel(`SELECT * FROM (${columns} AND ${from} AND $__timeFilter(time)) ${order}`),
  };
}

const linesOf = (frames: readonly ReadFrame[]) =>
  frames.flatMap((frame) =>
    frame.column('body').map((body, row) => `${String(frame.column('timestamp')[row])} ${String(body)}`)
  );

it('shows the rows of the whole range, or says which parts come from memory', async () => {
  const random = randomNumbers(38);
  const writer = new Writer(random);
  let [elapsedMs, setByMs] = [0, 0];
  const bench = new RefreshBench({ now: () => fixture.clockMs + setByMs, elapsedMs: () => elapsedMs });
  const panels = Array.from({ length: PANELS }, () => randomPanel(random));
  const counts = { equal: 0, marked: 0, sliced: 0 };
  const read = (panel: RefreshedPanel, range: { fromMs: number; toMs: number }, settings: object) =>
    bench.frames(panel, range, {
      jsonData: { host: fixture.lakehouse.address, selectedAuthType: 'token', ...settings },
      apiKey: 'mmk_test-key',
    });
  for (let step = 0; step * PANELS < REFRESHES; step++) {
    const toMs = fixture.clockMs;
    const range = { fromMs: toMs - HOUR_MS, toMs };
    // In every fourth step, panels are refreshed while the lakehouse changes. The next results must not suffer from it.
    const meanwhile = step % 4 === 0 ? panels.map((panel) => read(panel, range, IN_PARTS)) : [];
    await Promise.all([writer.step(), ...meanwhile]);
    const newest = lines(step, range.fromMs);
    const sliced = await read(newest.sliced, range, IN_PARTS);
    expect(linesOf(sliced)).toEqual(linesOf(await read(newest.whole, range, IN_PARTS)));
    counts.sliced += sliced[0]?.meta.stats?.some(({ displayName }) => displayName === 'Parts of the time range')
      ? 1
      : 0;
    for (const panel of panels) {
      const found = await read(panel, range, IN_PARTS);
      const different = differences(found, await read(panel, range, WHOLE));
      const parts = markedParts(found, fixture.clockMs + setByMs);
      const unmarked = different.filter((at) => !parts.some(({ fromMs, toMs: endMs }) => at >= fromMs && at < endMs));
      expect({ step, sql: panel.sql, unmarked }).toEqual({ step, sql: panel.sql, unmarked: [] });
      counts[different.length === 0 ? 'equal' : 'marked']++;
    }
    const passedMs = 5000 + Math.floor(random() * MINUTE_MS);
    if (process.env.REFRESHES !== undefined && step % 50 === 0) {
      process.stdout.write(`${(step + 1) * PANELS} ${JSON.stringify({ ...counts, ...bench.counts() })}\n`);
    }
    fixture.clockMs += passedMs;
    elapsedMs += passedMs;
    setByMs = random() < 0.02 ? (setByMs === 0 ? (random() < 0.5 ? 1 : -1) * HOUR_MS : 0) : setByMs;
    await fixture.lakehouse.advance();
  }
  const { parts } = bench.counts();
  bench.close();
  expect(parts).toBeGreaterThan(REFRESHES / 4);
  expect(counts.equal).toBeGreaterThan(REFRESHES / 4);
  expect(counts.sliced).toBeGreaterThan(REFRESHES / PANELS / 4);
}, 7_200_000);
