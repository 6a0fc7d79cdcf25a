/**
 * A live tail over the plugin protocol: the steps of the browser, sent to the built plugin, with the demo's lakehouse.
 * The time of the browser and of the lakehouse is simulated.
 */
import { from } from 'rxjs';
import { TAIL_ENDING_STATUS, type TailRequest } from '../../contract/logs/tail-request';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type Lakehouse, startLakehouse } from '../../demo/lakehouse/lakehouse';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { type StepResponse, tailLoop, type TailStep, type TailUpdate } from '../../src/explore/live-tail/tail-loop';
import { codeOf } from '../support/error-code';
import { readFrames } from '../support/frames';
import { ADA, runQuery, type Source, startBuiltPlugin } from '../support/plugin';
import { type Relay, startRelay } from '../support/relay';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { SimulatedTime } from '../support/simulated-time';
import { runSteps } from '../support/tail-steps';

const API_KEY = 'mmk_live-tail-test-key';
/** The simulated time begins now, because the plugin has a real clock. */
const time = new SimulatedTime(Date.now());
let lakehouse: Lakehouse;
let plugin: PluginProcess;
let relay: Relay;
let source: Source;

beforeAll(async () => {
  const apiKeys = [{ name: 'tests', key: API_KEY }];
  [lakehouse, plugin] = await Promise.all([
    startLakehouse({ apiKeys, now: () => time.now(), grow: false }),
    startBuiltPlugin(),
  ]);
  relay = await startRelay(Number(lakehouse.address.split(':')[1]));
  source = {
    jsonData: { host: `127.0.0.1:${relay.port}`, selectedAuthType: 'token' },
    secureJsonData: { token: API_KEY },
    user: ADA,
  };
}, 60_000);

afterAll(async () => {
  await plugin.shutdown();
  await relay.close();
  await lakehouse.close();
});

expectNoSecretsAtEnd();

const logs = (query: string) => ({ query, version: 2, format: 'logs' as const });
const ask = (query: string, tail: TailRequest, model: object = {}, headers: Record<string, string> = {}) =>
  runQuery(plugin, source, { ...logs(query), tail, ...model }, { headers });
const LINES: TailRequest = { kind: 'lines', ageSeconds: 180, limit: 1000 };

/** Lines that arrive together and become readable some time later. */
interface Block {
  process: string;
  blockId: string;
  arrivedMs: number;
  visibleMs: number;
  lines: Array<{ timeMs: number; message: string }>;
}

const WRITERS = ['server-restarted', 'editor', 'matchmaker', 'web-gateway', 'lake'];
const LINES_PER_SECOND = 500;

/**
 * Blocks of all writers for some seconds. A line arrives at most an hour after its time. Some lines of a block are
 * equal.
 */
function writtenBlocks(startMs: number, seconds: number, delayMs: (random: number) => number): Block[] {
  const random = randomNumbers(15);
  const perBlock = LINES_PER_SECOND / WRITERS.length;
  return Array.from({ length: seconds }, (_none, second) => second).flatMap((second) =>
    WRITERS.map((process, writer) => {
      const arrivedMs = startMs + second * 1000 + Math.floor(random() * 1000);
      const oldMs = random() < 0.1 ? random() * 3_600_000 : 0;
      const lines = Array.from({ length: perBlock }, (_no, line) => {
        const number = line === 1 ? 0 : line;
        return { timeMs: arrivedMs - 500 - oldMs, message: `${process} ${second} ${number}` };
      });
      return {
        process,
        blockId: `00000000-0000-4000-8000-${String(second * 10 + writer).padStart(12, '0')}`,
        arrivedMs,
        visibleMs: arrivedMs + delayMs(random()),
        lines,
      };
    })
  );
}

/** Follows a query while blocks become visible, and advances the simulated time. */
class Follower {
  readonly updates: TailUpdate[] = [];
  readonly requests: Array<{ atMs: number; tail: TailRequest; durationMs: number }> = [];
  /** Simulated duration of a step. */
  stepMs = 100;
  #blocks: Block[];
  #step: Promise<unknown> = Promise.resolve();
  readonly #query: string;

  constructor(query: string, blocks: readonly Block[]) {
    this.#query = query;
    this.#blocks = [...blocks].sort((a, b) => a.visibleMs - b.visibleMs);
  }

  /** @param at Called after each step, with the seconds since the start. */
  async follow(seconds: number, at: (second: number) => Promise<void>): Promise<void> {
    const startMs = time.now();
    const updates = tailLoop([{ refId: 'A', capacity: 10_000 }], (steps) => from(this.#send(steps)), time);
    const subscription = updates.subscribe((update) => this.updates.push(update));
    do {
      await this.#step;
      // During this wait, the tail accepts the response and schedules the next step.
      await new Promise((resolve) => setImmediate(resolve));
      await at((time.now() - startMs) / 1000);
    } while (time.now() < startMs + seconds * 1000 && time.next());
    subscription.unsubscribe();
    expect(time.waiting).toBe(0);
  }

  get last(): TailUpdate {
    return this.updates[this.updates.length - 1];
  }

  messages(update = this.last): string[] {
    return (update.views.get('A')?.lines.fields.find(({ name }) => name === 'body')?.values ?? []).map(String);
  }

  #send(steps: readonly TailStep[]): Promise<StepResponse> {
    const sent = this.#sendStep(steps);
    this.#step = sent.catch(() => undefined);
    return sent;
  }

  async #sendStep(steps: readonly TailStep[]): Promise<StepResponse> {
    this.requests.push({ atMs: time.now(), tail: steps[0].tail, durationMs: this.stepMs });
    const visible = this.#blocks.filter(({ visibleMs }) => visibleMs <= time.now());
    this.#blocks = this.#blocks.slice(visible.length);
    for (const block of visible) {
      await lakehouse.addLogBlock({ ...block, target: 'tail.test' });
    }
    const response = await runSteps(plugin, source, { A: logs(this.#query) }, steps);
    time.pass(this.stepMs);
    return response;
  }
}

/** Messages that occur more often in one list than in the other, with the difference of the counts. */
function differences(shown: readonly string[], expected: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  shown.forEach((message) => counts.set(message, (counts.get(message) ?? 0) + 1));
  expected.forEach((message) => counts.set(message, (counts.get(message) ?? 0) - 1));
  return Object.fromEntries([...counts].filter(([, count]) => count !== 0));
}

it('shows every line once despite late blocks and server failures, and counts the lines that appear too late', async () => {
  const startMs = time.now();
  const seconds = 18;
  // Most blocks become visible within seconds, but not in the order of their arrival. Some become visible only after
  // minutes.
  const blocks = writtenBlocks(startMs, seconds, (random) =>
    random < 0.85 ? 1500 + random * 10_000 : random < 0.97 ? 20_000 + random * 100_000 : 200_000 + random * 60_000
  );
  const late = blocks.filter(({ arrivedMs, visibleMs }) => visibleMs > arrivedMs + 190_000);
  const lateLines = late.flatMap(({ lines }) => lines.map(({ message }) => message));
  const all = blocks.flatMap(({ lines }) => lines.map(({ message }) => message));
  expect(lateLines.length).toBeGreaterThan(0);
  const quiet = Array.from({ length: 80 }, (_none, index): Block => {
    const arrivedMs = startMs + (seconds + index * 5) * 1000;
    const blockId = `10000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    return {
      process: 'lake',
      blockId,
      arrivedMs,
      visibleMs: arrivedMs + 2000,
      lines: [{ timeMs: arrivedMs, message: `quiet ${index}` }],
    };
  });
  const follower = new Follower(
    "SELECT time, msg FROM log_entries WHERE target = 'tail.test' ORDER BY time DESC LIMIT 10",
    [...blocks, ...quiet]
  );
  const { port } = relay;
  let isDown = false;
  await follower.follow(400, async (second) => {
    if (second > 6 && second < 11 && !isDown) {
      await relay.close();
      isDown = true;
    } else if (second >= 11 && isDown) {
      relay = await startRelay(Number(lakehouse.address.split(':')[1]), port);
      isDown = false;
    }
    follower.stepMs = second < 30 ? 100 : 8000;
  });

  const failed = follower.updates.filter(({ errors }) => errors.length > 0);
  expect(failed.length).toBeGreaterThan(0);
  expect(follower.last.errors).toEqual([]);
  const shown = follower.messages();
  expect(
    differences(
      shown.filter((message) => !message.startsWith('quiet')),
      all
    )
  ).toEqual(differences([], lateLines));
  const quietShown = shown.filter((message) => message.startsWith('quiet'));
  expect(quietShown).toEqual(quiet.slice(0, quietShown.length).map(({ lines }) => lines[0].message));
  expect(quietShown.length).toBeGreaterThan(70);
  expect(follower.last.views.get('A')?.status).toMatchObject({ late: lateLines.length, missed: 0, gapSeconds: 0 });
  const ids = follower.last.views.get('A')!.lines.fields.find(({ name }) => name === 'id')!.values;
  expect(new Set(ids).size).toBe(ids.length);
});

/** Writes a block that arrived three seconds ago. */
async function write(target: string, lines: Block['lines'], process = 'editor'): Promise<void> {
  const blockId = `20000000-0000-4000-8000-${target.length.toString().padStart(12, '0')}`;
  await lakehouse.addLogBlock({ process, target, blockId, arrivedMs: time.now() - 3000, lines });
}

it('follows lines with old and future times, even if the SQL limits the range', async () => {
  const hour = 3_600_000;
  await write('tail.old', [
    { timeMs: time.now() - 20 * hour, message: 'old' },
    { timeMs: time.now() + hour / 3, message: 'ahead' },
    { timeMs: time.now() - 60_000, message: 'usual' },
  ]);
  const query =
    "SELECT time, msg FROM log_entries WHERE target = 'tail.old' AND $__timeFilter(time) ORDER BY time LIMIT 1";
  const range = { fromMs: time.now() - hour, toMs: time.now() };
  const bodies = async (model: object) =>
    readFrames(await runQuery(plugin, source, { ...logs(query), ...model }, { range })).flatMap((frame) =>
      frame.column('body')
    );
  expect(await bodies({})).toEqual(['usual']);
  expect((await bodies({ tail: LINES })).sort()).toEqual(['ahead', 'old', 'usual']);
  // The step `counts` returns numbers of lines, but no lines.
  const counts = readFrames(await ask(query, { kind: 'counts', ageSeconds: 600 }));
  expect(counts[0].column('lines').map(Number)).toEqual([3]);
});

it('returns only the lines of seconds in which the number of lines has changed', async () => {
  await write(
    'tail.changed',
    Array.from({ length: 9 }, (_none, index) => ({ timeMs: time.now(), message: `line ${index}` }))
  );
  const query = "SELECT time, msg FROM log_entries WHERE target = 'tail.changed'";
  const [frame] = readFrames(await ask(query, { ...LINES, limit: 2 }));
  const firstSecond = Number(frame.column('__tail_second')[0]);
  expect(frame.column('__tail_lines').map(Number)).toEqual([9, 9]);
  const known = (lines: number[], first = firstSecond) =>
    ask(query, { ...LINES, known: { firstSecond: first, lines } });
  expect(readFrames(await known([9]))).toEqual([]);
  expect(readFrames(await known([8]))[0].rowCount).toBe(9);
  expect(readFrames(await known([3, 0, 9], firstSecond - 2))).toEqual([]);
  expect(readFrames(await known([9], firstSecond + 1))[0].rowCount).toBe(9);
  expect(readFrames(await known([9, 9], firstSecond - 9))[0].rowCount).toBe(9);
});

it('applies filters, joins and the processes of view instances', async () => {
  await write('tail.filtered', [
    { timeMs: time.now(), message: 'with apples' },
    { timeMs: time.now(), message: 'with pears' },
  ]);
  const joined =
    "SELECT l.time, l.msg, p.computer FROM log_entries l JOIN processes p ON p.process_id = l.process_id WHERE l.target = 'tail.filtered'";
  const filters = [{ key: 'body', operator: 'contains', value: 'apples' }];
  expect(readFrames(await ask(joined, LINES, { filters }))[0].column('body')).toEqual(['with apples']);
  const [{ process_id: id }] = readFrames(await ask(joined, LINES)).map((frame) => ({
    process_id: String(frame.column('process')[0]),
  }));
  const instance = `SELECT time, msg FROM view_instance('log_entries', '${id}') WHERE target = 'tail.filtered'`;
  expect(readFrames(await ask(instance, LINES))[0].rowCount).toBe(2);
});

it('runs as the viewer with the entrypoint live-tail, and does not follow the audit records of its own queries', async () => {
  const before = lakehouse.audit.records.length;
  await ask('SELECT time, msg FROM log_entries', LINES);
  const records = lakehouse.audit.records.slice(before);
  expect(records.map(({ entrypoint, user }) => [entrypoint, user])).toEqual([['live-tail', 'ada']]);
  await lakehouse.advance();
  const audit = "SELECT time, msg FROM log_entries WHERE target = 'flightsql_query_audit'";
  const [written, followed] = await Promise.all([
    runQuery(plugin, source, { ...logs(audit), autoLimit: false }),
    ask(audit, { ...LINES, ageSeconds: 3600 }),
  ]);
  const own = (frame: { column(name: string): unknown[] }) =>
    frame.column('body').filter((message) => String(message).includes('"entrypoint":"live-tail"')).length;
  expect(own(readFrames(written)[0])).toBeGreaterThan(0);
  expect(readFrames(followed).map(own)).toEqual([0]);
});

it.each([
  ['another format', 'SELECT time, msg FROM log_entries', { format: 'table' }, 'Logs'],
  [
    'another format, and a filter that is not applicable',
    'SELECT 1',
    { format: 'table', filters: [{ key: 'no_column', operator: '=', value: 'x' }] },
    'Logs',
  ],
  ['a CTE', 'WITH a AS (SELECT * FROM log_entries) SELECT * FROM a', {}, 'outermost SELECT'],
  ['groups', 'SELECT time, count(*) AS msg FROM log_entries GROUP BY 1', {}, 'groups'],
  ['traces', '', { queryType: 'traces', traces: { view: 'search' } }, 'type traces'],
  ['processes', '', { queryType: 'processes', processes: { view: 'list' } }, 'type processes'],
] as const)('explains what to do for a query that cannot be followed: %s', async (_name, query, model, message) => {
  const { error, status } = await ask(query, LINES, model);
  expect([codeOf(error), status]).toEqual(['tail_not_possible', TAIL_ENDING_STATUS]);
  expect(error).toContain(message);
});

it('rejects invalid steps, and ignores steps in alert rules', async () => {
  const query = 'SELECT time, msg FROM log_entries LIMIT 3';
  for (const wrong of [
    { ageSeconds: 3601 },
    { limit: 0 },
    { kind: 'x' },
    { known: { firstSecond: 0, lines: [0.5] } },
  ]) {
    expect(codeOf((await ask(query, { ...LINES, ...wrong } as TailRequest)).error)).toBe('query_model_invalid');
  }
  const alert = await ask(query, LINES, {}, { FromAlert: 'true' });
  expect(readFrames(alert)[0].rowCount).toBe(3);
  expect(Object.keys(readFrames(alert)[0].types)).not.toContain('__tail_second');
});

it("reports the position of an error in the author's SQL", async () => {
  const [frame] = readFrames(await ask('-- a\nSELECT time, msg FROM log_entries WHERE\n  nope = 1', LINES));
  expect(frame.meta.custom).toMatchObject({ position: { line: 3, column: 3 } });
});
