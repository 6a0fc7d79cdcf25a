import { Table, type Vector } from 'apache-arrow';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { type IpcMessage } from '../../frames/arrow-ipc';
import { messagesOf, stream, timeColumn } from '../../frames/data-frames/testing/arrow-messages';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Notice } from '../../frames/data-frames/frame-options';
import { type TokenDescription } from '../../lakehouse/oidc/token-source';
import { Secret } from '../../observe/logging/secret';
import { createLogger } from '../../observe/logging/logger';
import { type Instance, type RejectionListener, type SentCall } from '../../lakehouse/instances/instance';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { readData, STREAM_KINDS, type StreamKind } from '../../sql/edit/read-data';
import { Freshness, type FreshnessQuestion } from './freshness';

const NOW_MS = Date.UTC(2026, 0, 10, 12);
const LOGS = 'SELECT * FROM log_entries';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

type Newest = Partial<Record<StreamKind, number>>;

function resultOf(newest: Newest): () => AsyncIterable<IpcMessage> {
  const columns = STREAM_KINDS.map((kind): [string, Vector] => {
    const time = newest[kind];
    return [kind, timeColumn([time === undefined ? null : BigInt(time) * 1_000_000n])];
  });
  return () => stream(messagesOf(new Table(Object.fromEntries(columns))));
}

/** One version of the settings of a data source. The forwarded tokens of a call are its credentials. */
function instanceOf(functions: Partial<Instance>): Instance {
  const identityFor: Instance['identityFor'] = ({ forwarded }) =>
    forwarded?.accessToken === undefined
      ? { kind: 'none' }
      : { kind: 'forwarded', token: forwarded.accessToken, description: {} as TokenDescription };
  return { identityFor, ...functions } as Instance;
}

/**
 * A data source with clocks that the test sets. The result of its statement has the arrival times of the newest data.
 */
function lakeOf(result: () => AsyncIterable<IpcMessage>) {
  const clock = {
    nowMs: NOW_MS,
    elapsedMs: 0,
    pass(ms: number) {
      clock.nowMs += ms;
      clock.elapsedMs += ms;
    },
  };
  const calls: Array<{ sql: string; call: SentCall }> = [];
  const timers: Array<{ callback: () => void; ms: number }> = [];
  const execute: Instance['execute'] = (sql, call) => {
    calls.push({ sql, call });
    return result() as ReturnType<Instance['execute']>;
  };
  const takeSlot = () => Promise.resolve(() => undefined);
  const rejected: RejectionListener[] = [];
  const instance = instanceOf({ execute, takeSlot, onRejected: (listener) => rejected.push(listener) });
  const freshness = new Freshness({
    parser: { run: (job) => Promise.resolve(readData(job.sql, parse) as never) },
    memory: new MemoryBudget({ totalBytes: 1 << 24, now: () => clock.nowMs }),
    logger: createLogger({ write: () => undefined }),
    now: () => clock.nowMs,
    elapsedMs: () => clock.elapsedMs,
    startTimer(callback, ms) {
      timers.push({ callback, ms });
      return () => undefined;
    },
  });
  const ask = (sql: string, { login = 'ada', token, ...more }: Asked = {}) => {
    const user = { login, name: '', email: '' };
    const forwarded = token === undefined ? undefined : { accessToken: new Secret(token) };
    const call = { user, forwarded, origin: { entrypoint: 'freshness' } };
    return freshness.begin({ instance, call, sql, toMs: clock.nowMs, ...more })();
  };
  return { ask, askPanel: panelOf(ask), calls, clock, timers, instance, rejected };
}

type Asked = Partial<FreshnessQuestion> & { login?: string; token?: string };

/** Asks as a panel with an interval of 15 seconds. */
function panelOf(ask: (sql: string, more?: Asked) => Promise<Notice | undefined>) {
  return (sql: string, more: Asked = {}) => ask(sql, { panelIntervalMs: 15_000, ...more });
}

it.each<[behindMs: number, expected: object | undefined]>([
  [0, undefined],
  [29_999, undefined],
  [
    47_000,
    {
      severity: 'info',
      text: 'Data complete up to 2026-01-10 11:59:13 (UTC): the newest log entries of all processes arrived then, 47 seconds before the end of the time range.',
    },
  ],
  [
    18 * 60_000,
    {
      severity: 'warning',
      text: 'Data complete up to 2026-01-10 11:42:00 (UTC): the newest log entries of all processes arrived then, 18 minutes before the end of the time range.',
    },
  ],
])('compares the newest data with the end of the time range: %i ms behind', async (behindMs, expected) => {
  expect(await lakeOf(resultOf({ log: NOW_MS - behindMs })).ask(LOGS)).toEqual(expected);
});

it('compares the newest data with the time of the query if the time range ends later', async () => {
  const notice = await lakeOf(resultOf({ log: NOW_MS - 47_000 })).ask(LOGS, { toMs: NOW_MS + 3_600_000 });
  expect(notice?.text).toMatch(/ 47 seconds before this query\.$/);
});

it('names the kind of data that is furthest behind, with its process, in the time zone of the viewer', async () => {
  const { ask } = lakeOf(resultOf({ log: NOW_MS - 1000, metrics: NOW_MS - 3 * 3_600_000 }));
  const sql = `SELECT 1 FROM log_entries l JOIN measures m USING (process_id) WHERE process_id = 'p'`;
  expect(await ask(sql, { timezone: 'Asia/Tokyo' })).toEqual({
    severity: 'warning',
    text: 'Data complete up to 2026-01-10 18:00:00 (Asia/Tokyo): the newest metrics of the process arrived then, 3 hours before the end of the time range.',
  });
  expect((await ask(sql, { timezone: 'No/Zone' }))?.text).toContain('2026-01-10 09:00:00 (UTC)');
});

it('reads only the first row of a result, because a result of a few bytes may have millions of null rows', async () => {
  let pulled = 0;
  async function* rows() {
    for await (const message of resultOf({ log: NOW_MS - 47_000 })()) {
      yield message;
      for (; message.body.length > 0 && pulled < 100; pulled++) {
        yield message;
      }
    }
  }
  const notice = await lakeOf(rows).ask(LOGS);
  expect(notice?.text).toContain('47 seconds before');
  expect(pulled).toBeLessThan(2);
});

it('reports that nothing arrived', async () => {
  const { ask } = lakeOf(resultOf({ log: NOW_MS }));
  expect(await ask("SELECT * FROM measures WHERE exe = 'x'")).toEqual({
    severity: 'warning',
    text: 'No data of the program arrived in the last 24 hours (metrics).',
  });
});

it.each([
  [["process_id = 'p'", "stream_id = 's'"], 'the process and the thread'],
  [["process_id IN ('p', 'q')", "exe = 'x'"], 'the 2 processes and the program'],
  [["stream_id IN ('s', 't')"], 'the 2 threads'],
  [["exe IN ('x', 'y', 'z')"], 'the 3 programs'],
])('names the processes, threads and programs that the parts of a UNION select: %j', async (conditions, expected) => {
  const sql = conditions.map((condition) => `${LOGS} WHERE ${condition}`).join(' UNION ');
  expect((await lakeOf(resultOf({})).ask(sql))?.text).toBe(
    `No data of ${expected} arrived in the last 24 hours (log entries).`
  );
});

it('returns no notice if the time range ends after the query and data arrived shortly before the query', async () => {
  const { ask } = lakeOf(resultOf({ log: NOW_MS - 10_000 }));
  expect(await ask(LOGS, { toMs: NOW_MS + 3_600_000 })).toBeUndefined();
});

it('sends no statement for a past time range, for other tables, and for long SQL', async () => {
  const { ask, calls } = lakeOf(resultOf({}));
  await ask(LOGS, { toMs: NOW_MS - 16 * 60_000 });
  await ask('SELECT * FROM processes');
  await ask(`${LOGS} -- ${'x'.repeat(10_000)}`);
  expect(calls).toEqual([]);
});

it('reuses a result for 30 seconds if the user and the streams are the same, also for other kinds of data', async () => {
  const { ask, calls, clock } = lakeOf(resultOf({ log: NOW_MS - 60_000, metrics: NOW_MS - 90_000 }));
  expect(await Promise.all([ask(LOGS), ask(LOGS)])).toEqual([expect.anything(), expect.anything()]);
  expect((await ask('SELECT * FROM measures'))?.text).toContain('90 seconds');
  expect(calls).toHaveLength(1);
  clock.pass(29_999);
  // The delay is computed at the time of the statement, so that a cached result does not make the data appear older.
  expect((await ask(LOGS))?.text).toContain('60 seconds');
  expect(calls).toHaveLength(1);
  clock.pass(1);
  await ask(LOGS);
  expect(calls).toHaveLength(2);
  expect(calls[1].call.range).toEqual({ fromMs: clock.nowMs - 24 * 3_600_000, toMs: clock.nowMs + 3_600_000 });
});

it('sends a statement for each user, because users may read different streams', async () => {
  const { ask, calls } = lakeOf(resultOf({ log: NOW_MS - 60_000 }));
  await ask(LOGS, { login: 'ada' });
  await ask(LOGS, { login: 'ben' });
  expect(calls.map(({ call }) => call.user?.login)).toEqual(['ada', 'ben']);
});

it('sends three statements immediately, and then one every five seconds', async () => {
  const { ask, calls, clock } = lakeOf(resultOf({ log: NOW_MS - 60_000 }));
  const askAbout = (exe: number) => ask(`${LOGS} WHERE exe = '${exe}'`);
  const notices = await Promise.all(Array.from({ length: 10 }, (_, exe) => askAbout(exe)));
  expect(notices.filter((notice) => notice !== undefined)).toHaveLength(3);
  expect(calls).toHaveLength(3);
  clock.pass(5000);
  await Promise.all([askAbout(11), askAbout(12)]);
  expect(calls).toHaveLength(4);
});

it('repeats a statement after 30 seconds even if the system clock was set back', async () => {
  const { ask, calls, clock } = lakeOf(resultOf({ log: NOW_MS - 60_000 }));
  await ask(LOGS);
  clock.elapsedMs += 30_000;
  clock.nowMs -= 3_600_000;
  await ask(LOGS);
  expect(calls).toHaveLength(2);
});

it('repeats a failed statement after 30 seconds', async () => {
  const { ask, calls, clock } = lakeOf(() => {
    throw new ProxyError('query_invalid');
  });
  expect(await ask(LOGS)).toBeUndefined();
  expect(await ask(LOGS)).toBeUndefined();
  expect(calls).toHaveLength(1);
  clock.pass(30_000);
  await ask(LOGS);
  expect(calls).toHaveLength(2);
});

it('delays a query by at most 100 ms, and uses a late result for the next query', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const result = resultOf({ log: NOW_MS - 60_000 });
  const { ask, timers } = lakeOf(async function* () {
    await released;
    yield* result();
  });
  const first = ask(LOGS);
  expect(timers.map(({ ms }) => ms)).toEqual([100]);
  timers[0].callback();
  expect(await first).toBeUndefined();
  release();
  expect((await ask(LOGS))?.severity).toBe('info');
});

it('quotes strings in the statement', async () => {
  const { ask, calls } = lakeOf(resultOf({}));
  await ask(`${LOGS} WHERE exe = 'it''s'`);
  expect(calls[0].sql).toMatch(
    /^SELECT max\(CASE WHEN array_has\(tags, 'log'\) THEN last_update_time END\) AS "log", .* FROM streams WHERE process_id IN \(SELECT process_id FROM processes WHERE exe IN \('it''s'\)\)$/
  );
});

describe('panels of dashboards', () => {
  it.each<[behindMs: number, intervalMs: number, severity: string | undefined]>([
    [60_000, 15_000, undefined],
    [60_001, 15_000, 'info'],
    [60_001, 30_001, undefined],
    [120_000, 60_000, undefined],
    [120_001, 60_000, 'info'],
    [5 * 60_000, 60_000, 'warning'],
  ])(
    'have a notice only if the newest data are older than a minute and two intervals: %i ms, %i ms',
    async (behindMs, panelIntervalMs, severity) => {
      const { askPanel } = lakeOf(resultOf({ log: NOW_MS - behindMs }));
      expect((await askPanel(LOGS, { panelIntervalMs }))?.severity).toBe(severity);
    }
  );

  it('say how old the newest data were when they were checked, in the time zone of the viewer', async () => {
    const { askPanel, clock } = lakeOf(resultOf({ log: NOW_MS - 18 * 60_000 }));
    await askPanel(LOGS);
    clock.pass(59_999);
    expect(await askPanel(LOGS, { timezone: 'Asia/Tokyo' })).toEqual({
      severity: 'warning',
      text: 'The newest log entries that you can query arrived 18 minutes before 2026-01-10 21:00:00 (Asia/Tokyo), the time of the check. Either no process sent any since, or the server receives or stores them late. The dashboard Lakehouse operation shows the age of each kind of data.',
    });
  });

  it('name the kinds of data of which nothing arrived', async () => {
    const { askPanel } = lakeOf(resultOf({ log: NOW_MS }));
    expect((await askPanel('SELECT * FROM measures'))?.text).toMatch(
      /^No metrics that you can query arrived in the 24 hours before 2026-01-10 12:00:00 \(UTC\), the time of the check\. /
    );
  });

  it('compare the data of all processes, because a process that has ended is not late', async () => {
    const { askPanel, calls } = lakeOf(resultOf({ log: NOW_MS }));
    expect(await askPanel(`${LOGS} WHERE process_id = 'ended'`)).toBeUndefined();
    expect(calls[0].sql).toMatch(/ FROM streams$/);
  });

  it('have no notice if the range ends before now', async () => {
    const { askPanel, calls } = lakeOf(resultOf({}));
    expect(await askPanel(LOGS, { toMs: NOW_MS - 60_001 })).toBeUndefined();
    expect(calls).toEqual([]);
    expect(await askPanel(LOGS, { toMs: NOW_MS + 3_600_000 })).toBeDefined();
  });

  it('need one statement a minute for 20 panels of all tables, also if it fails', async () => {
    const { askPanel, calls, clock } = lakeOf(() => {
      throw new ProxyError('query_invalid');
    });
    const tables = ['log_entries', 'measures', 'log_stats'];
    const askAll = () =>
      Promise.all(Array.from({ length: 20 }, (_, panel) => askPanel(`SELECT ${panel} FROM ${tables[panel % 3]}`)));
    await askAll();
    clock.pass(59_999);
    await askAll();
    expect(calls).toHaveLength(1);
    clock.pass(1);
    await askAll();
    expect(calls).toHaveLength(2);
  });

  it('share no statement with other users, other tokens and other settings', async () => {
    const { askPanel, calls, instance } = lakeOf(resultOf({ log: NOW_MS - 120_000 }));
    await Promise.all(Array.from({ length: 20 }, (_, user) => askPanel(LOGS, { login: `user ${user}` })));
    expect(calls).toHaveLength(20);
    await askPanel(LOGS, { login: 'user 0', token: 'a' });
    await askPanel(LOGS, { login: 'user 0', token: 'b' });
    expect(calls).toHaveLength(22);
    await askPanel(LOGS, { login: 'user 0', instance: { ...instance } });
    expect(calls).toHaveLength(23);
  });

  it('keep nothing of a rejected user, and send no further statement for this user', async () => {
    const { askPanel, calls, rejected } = lakeOf(resultOf({ log: NOW_MS - 120_000 }));
    await askPanel(LOGS, { login: 'ada' });
    await askPanel(LOGS, { login: 'ben' });
    rejected.forEach((listener) => listener('ada'));
    expect(await askPanel(LOGS, { login: 'ada' })).toBeUndefined();
    expect(await askPanel(LOGS, { login: 'ben' })).toBeDefined();
    rejected.forEach((listener) => listener(undefined));
    expect(await askPanel(LOGS, { login: 'ben' })).toBeUndefined();
    expect(calls).toHaveLength(2);
  });

  it('send no statement for more than 1000 users, until a minute has passed', async () => {
    const { askPanel, calls, clock } = lakeOf(resultOf({ log: NOW_MS - 120_000 }));
    const askOf = (users: number) =>
      Promise.all(Array.from({ length: users }, (_, user) => askPanel(LOGS, { login: `user ${user}` })));
    const notices = await askOf(1001);
    expect([calls.length, notices.filter((notice) => notice !== undefined).length]).toEqual([1000, 1000]);
    clock.pass(60_000);
    expect(await askPanel(LOGS, { login: 'user 1000' })).toBeDefined();
  });

  it('wait at most 100 ms for the notice', async () => {
    const { askPanel, timers } = lakeOf(async function* () {
      await new Promise<never>(() => undefined);
      yield* [];
    });
    const notice = askPanel(LOGS);
    expect(timers.map(({ ms }) => ms)).toEqual([100]);
    timers[0].callback();
    expect(await notice).toBeUndefined();
  });
});
