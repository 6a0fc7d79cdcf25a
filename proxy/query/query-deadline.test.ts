/** A query has one deadline for all of its statements, for its waits, for the conversion and for sending the result. */
import { tableFromArrays } from 'apache-arrow';
import { type StartTimer } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { messagesOf, readFrame } from '../frames/data-frames/testing/arrow-messages';
import { type Instance, type InstanceCall } from '../lakehouse/instances/instance';
import { createLogger } from '../observe/logging/logger';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { SUMMARY_COLUMNS } from '../views/traces/found-traces';
import { emptyTable } from '../views/lake-reader/testing/table-of';
import { type DataChunk, type DataResponse, type QueryDataRequest } from './plugin-request';
import { queryChunkedData } from '../handlers/query-chunked-data';
import { type QueryDataDeps } from '../handlers/open-request';
import { queryData } from '../handlers/query-data';
import { LineRates } from './log-slices/line-strategy';
import { ResultCache } from './incremental/result-cache';
import { TableColumns } from './table-columns';

const LIMIT_MS = 3000;
const SEARCH_LIMIT_MS = 12_000;
const RANGE = { fromMs: 1_700_000_000_000, toMs: 1_700_000_600_000 };
const ROWS = messagesOf(tableFromArrays({ n: new Int32Array(10) }));

type Execute = (sql: string, call: InstanceCall) => AsyncGenerator<(typeof ROWS)[number]>;

/** A clock and a deadline timer that only the test advances. */
class Clock {
  nowMs = 0;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  readonly startTimer: StartTimer = (callback, ms) => {
    const timer = { atMs: this.nowMs + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Number of pending timers. */
  get waiting(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const timer of this.#timers) {
      if (timer.atMs <= this.nowMs) {
        this.#timers.delete(timer);
        timer.callback();
      }
    }
  }
}

function benchOf(clock: Clock, execute: Execute, changes: Partial<QueryDataDeps> = {}, timeoutMs = LIMIT_MS) {
  const budget = new MemoryBudget({ totalBytes: 1e9 });
  const settings = { timeoutMs, maxRows: 1e6, server: { host: 'lake', port: 1 }, freshnessNotices: 'off' };
  const takeSlot = () => Promise.resolve(() => undefined);
  const instance = { settings, execute, takeSlot, getTables: execute } as unknown as Instance;
  const deps: QueryDataDeps = {
    observers: [],
    logger: createLogger({ write: () => undefined }),
    now: () => clock.nowMs,
    elapsedMs: () => clock.nowMs,
    startTimer: clock.startTimer,
    // The columns that can be filtered are not known.
    parser: {
      run: ({ kind }) => (kind === 'shape' ? Promise.reject(new Error(kind)) : new Promise<never>(() => undefined)),
    },
    columns: new TableColumns(() => clock.nowMs),
    lineRates: new LineRates(),
    memory: budget,
    store: { acquire: () => ({ instance, release: () => undefined }), close: () => undefined } as never,
    freshness: { begin: () => () => Promise.resolve(undefined) },
    refresh: {
      results: new ResultCache(budget.kept),
      now: () => clock.nowMs,
      elapsedMs: () => clock.nowMs,
      minWholeMs: 0,
      maxCost: 1,
    },
    ...changes,
  };
  return { deps, budget };
}

function requestOf(model: object): QueryDataRequest {
  const user = { login: 'ada', name: 'Ada', email: '', role: 'Viewer' };
  const dataSource = { uid: 'lake', name: 'Lake', orgId: 1, jsonData: {}, secureJsonData: {} } as never;
  return {
    context: { orgId: 1, pluginId: 'p', namespace: '', user, dataSource, grafanaConfig: {} },
    headers: {},
    queries: [
      {
        refId: 'A',
        maxDataPoints: 100,
        intervalMs: 1000,
        timeRange: RANGE,
        json: Buffer.from(JSON.stringify({ version: 2, format: 'table', ...model })),
      },
    ],
    encoding: 'arrow',
  };
}

const SEARCH = { queryType: 'traces', traces: { view: 'search', limit: 20 } };
const NEVER = new AbortController().signal;

const codeOf = ({ frames }: Pick<DataResponse, 'frames'>) =>
  frames.map((pieces) => Object(readFrame(pieces).meta.custom).code as unknown);

async function responseTo(model: object, deps: QueryDataDeps): Promise<DataResponse> {
  const { responses, done } = await queryData(requestOf(model), deps, NEVER);
  done();
  return responses.get('A')!;
}

/** The processes that the search finds. */
const twoHundredProcesses = messagesOf(
  tableFromArrays({
    process_id: Array.from({ length: 200 }, (_, index) => processId(index)),
    exe: new Array<string>(200).fill('app'),
    last_seen: BigInt64Array.from({ length: 200 }, () => 1n),
  })
);
const noRows = messagesOf(emptyTable(SUMMARY_COLUMNS)).slice(0, 1);

function processId(index: number): string {
  return `0b6f5a52-51c4-4d0c-9a3e-${String(index).padStart(12, '0')}`;
}

it('limits each statement of a search, and ends the search near the time limit without an error', async () => {
  const clock = new Clock();
  const limits: Array<[leftMs: number, statementMs: number | undefined]> = [];
  const execute: Execute = async function* (sql, { deadline, statementMs }) {
    deadline!.check();
    limits.push([deadline!.leftMs(), statementMs]);
    if (sql.includes('FROM blocks')) {
      yield* twoHundredProcesses;
    } else if (sql.includes(processId(8))) {
      // The server does not respond in the time of this statement.
      clock.pass(statementMs!);
      throw new ProxyError('query_timeout');
    } else {
      clock.pass(1000);
      yield* noRows;
    }
  };
  const { deps, budget } = benchOf(clock, execute, {}, SEARCH_LIMIT_MS);
  const response = await responseTo(SEARCH, deps);
  expect([response.status, response.error]).toEqual([200, undefined]);
  const { meta } = readFrame(response.frames[0]);
  expect(meta.notices?.[0].text).toContain('The time limit of the query did not suffice for');
  expect(limits.every(([leftMs, statementMs]) => (statementMs ?? leftMs) <= leftMs)).toBe(true);
  expect(clock.nowMs).toBeLessThanOrEqual(SEARCH_LIMIT_MS);
  expect({ timers: clock.waiting, held: budget.heldBytes }).toEqual({ timers: 0, held: 0 });
});

const WAITS: Array<{ name: string; model: object; execute: (clock: Clock) => Execute }> = [
  {
    name: 'the conversion',
    model: { query: 'SELECT 1' },
    execute: (clock) =>
      async function* () {
        yield* ROWS;
        for (let batch = 0; batch < 100; batch++) {
          clock.pass(100);
          yield* ROWS.slice(1);
        }
      },
  },
  {
    name: 'the wait for the parser',
    model: { query: 'SELECT 1', filters: [{ key: 'exe', operator: '=', value: 'a' }] },
    execute: (clock) =>
      async function* () {
        clock.pass(LIMIT_MS);
        yield* ROWS;
      },
  },
];

it.each(WAITS)('ends a query at the time limit during $name', async ({ model, execute }) => {
  const clock = new Clock();
  const { deps, budget } = benchOf(clock, execute(clock));
  const pending = responseTo(model, deps);
  await new Promise((resolve) => setImmediate(resolve));
  clock.pass(LIMIT_MS * 2);
  const response = await pending;
  expect([response.status, codeOf(response)]).toEqual([504, ['query_timeout']]);
  expect({ timers: clock.waiting, held: budget.heldBytes }).toEqual({ timers: 0, held: 0 });
});

it('ends a chunked result if the caller does not read it in time', async () => {
  const clock = new Clock();
  let hasEnded = false;
  const { deps, budget } = benchOf(clock, async function* () {
    try {
      yield* ROWS;
      for (;;) {
        yield* ROWS.slice(1);
      }
    } finally {
      hasEnded = true;
    }
  });
  const parts = queryChunkedData(requestOf({ query: 'SELECT 1' }), deps, NEVER)[Symbol.asyncIterator]();
  const first = (await parts.next()).value as DataChunk;
  expect([first.status, first.deadline?.aborted]).toEqual([200, false]);
  clock.pass(LIMIT_MS * 2);
  expect(first.deadline?.aborted).toBe(true);
  const last = (await parts.next()).value as DataChunk;
  expect([last.status, codeOf({ frames: [last.frame] })]).toEqual([504, ['query_timeout']]);
  expect((await parts.next()).done).toBe(true);
  expect({ hasEnded, timers: clock.waiting, held: budget.heldBytes }).toEqual({ hasEnded: true, timers: 0, held: 0 });
});

it('keeps the deadline of an unchunked result until the result is sent', async () => {
  const clock = new Clock();
  const { deps } = benchOf(clock, async function* () {
    yield* ROWS;
  });
  const { deadline, done } = await queryData(requestOf({ query: 'SELECT 1' }), deps, NEVER);
  expect(deadline?.aborted).toBe(false);
  clock.pass(LIMIT_MS * 2);
  expect(deadline?.aborted).toBe(true);
  done();
  expect(clock.waiting).toBe(0);
});

it('reports a cancelled query if the caller left before the time limit', async () => {
  const clock = new Clock();
  const { deps } = benchOf(clock, async function* () {
    yield* ROWS;
  });
  const { responses, done } = await queryData(requestOf({ query: 'SELECT 1' }), deps, AbortSignal.abort());
  done();
  expect(codeOf(responses.get('A')!)).toEqual(['query_cancelled']);
});
