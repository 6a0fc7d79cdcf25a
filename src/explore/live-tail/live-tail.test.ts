/** @jest-environment jsdom */
import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  FieldType,
  LoadingState,
  toDataFrame,
} from '@grafana/data';
import { Observable, of, throwError } from 'rxjs';
import { isTailRequest, MAX_TAIL_SECONDS, type TailRequest } from '../../../contract/logs/tail-request';
import { SimulatedTime } from '../../../tests/support/simulated-time';
import { type MicromegasQuery } from '../../shared/types';
import { liveTail, TAIL_LINES } from './live-tail';

const START_MS = Date.parse('2026-11-24T12:00:00Z');

interface Line {
  arrivedMs: number;
  body: string;
  block?: string;
  timeMs?: number;
}

/** A fake backend with the log lines that a lakehouse has at the simulated time. It responds to the steps of a tail. */
class Server {
  readonly time = new SimulatedTime(START_MS);
  readonly lines: Line[] = [];
  readonly requests: Array<DataQueryRequest<MicromegasQuery>> = [];
  /** Simulated duration of a step. */
  stepMs = 10;
  /** If set, responds in place of the lakehouse. */
  failure: (() => Observable<DataQueryResponse>) | undefined;
  cancelled = 0;
  readonly responses: DataQueryResponse[] = [];
  /** Responses wait until this function is called. Undefined: they do not wait. */
  release: (() => void) | undefined;

  write(
    count: number,
    { block = 'b1', arrivedMs = this.time.now(), body = (index: number) => `line ${index}` } = {}
  ): void {
    this.lines.push(...Array.from({ length: count }, (_none, index) => ({ arrivedMs, block, body: body(index) })));
  }

  run = (request: DataQueryRequest<MicromegasQuery>): Observable<DataQueryResponse> => {
    this.requests.push(request);
    if (this.failure !== undefined) {
      return this.failure();
    }
    return new Observable((subscriber) => {
      const respond = () => {
        this.time.pass(this.stepMs);
        subscriber.next({ data: request.targets.flatMap((target) => this.#frames(target)) });
        subscriber.complete();
      };
      if (this.release === undefined) {
        respond();
      } else {
        this.release = respond;
      }
      return () => (this.cancelled += subscriber.closed ? 1 : 0);
    });
  };

  get tails(): TailRequest[] {
    return this.requests.flatMap(({ targets }) => targets.flatMap(({ tail }) => tail ?? []));
  }

  get last(): DataQueryResponse {
    return this.responses[this.responses.length - 1];
  }

  bodies(frame: DataFrame = this.last.data[0]): string[] {
    return (frame.fields.find(({ name }) => name === 'body')?.values ?? []).map(String);
  }

  notices(): string[] {
    const [frame]: DataFrame[] = this.last.data;
    return (frame.meta?.notices ?? []).map(({ text }) => text);
  }

  /** Advances the clock to this second. */
  until(seconds: number): void {
    this.time.until(START_MS + seconds * 1000);
  }

  #frames({ refId, tail }: MicromegasQuery): DataFrame[] {
    if (tail === undefined) {
      return [toDataFrame({ refId, fields: [{ name: 'x', values: [1] }] })];
    }
    const nowSeconds = this.time.now() / 1000;
    const since = Math.floor(nowSeconds - tail.ageSeconds);
    const bySecond = new Map<number, Line[]>();
    for (const line of this.lines) {
      const second = Math.floor(line.arrivedMs / 1000);
      if (second >= since) {
        bySecond.set(second, [...(bySecond.get(second) ?? []), line]);
      }
    }
    if (tail.kind === 'counts') {
      const fields = [
        { name: 'second', values: [...bySecond.keys()] },
        { name: 'lines', values: [...bySecond.values()].map(({ length }) => length) },
        { name: 'now', values: [...bySecond].map(() => nowSeconds) },
      ];
      return bySecond.size === 0 ? [] : [toDataFrame({ refId, fields })];
    }
    const { firstSecond, lines: counts } = tail.known ?? { firstSecond: 0, lines: [] };
    const changed = [...bySecond].filter(([second, lines]) => counts[second - firstSecond] !== lines.length);
    const rows = changed.flatMap(([second, lines]) =>
      lines.map((line, index) => ({ ...line, second, index, of: lines.length }))
    );
    const newest = rows.sort((a, b) => b.arrivedMs - a.arrivedMs || b.index - a.index);
    const page = newest.filter((row, rank) => rank < tail.limit || row.index === 0).reverse();
    return page.length === 0
      ? []
      : [
          toDataFrame({
            refId,
            meta: { type: 'log-lines', preferredVisualisationType: 'logs', executedQueryString: 'SELECT' },
            fields: [
              {
                name: 'timestamp',
                type: FieldType.time,
                values: page.map(({ timeMs, arrivedMs }) => timeMs ?? arrivedMs),
              },
              { name: 'body', type: FieldType.string, values: page.map(({ body }) => body) },
              { name: 'id', type: FieldType.string, values: page.map(({ body }) => body) },
              { name: 'labels', type: FieldType.other, values: page.map(() => ({ process_id: 'p', target: 't' })) },
              { name: 'block_id', type: FieldType.string, values: page.map(({ block }) => block) },
              { name: '__tail_second', type: FieldType.number, values: page.map(({ second }) => second) },
              {
                name: '__tail_nanos',
                type: FieldType.number,
                values: page.map(({ arrivedMs }) => (arrivedMs % 1000) * 1e6),
              },
              { name: '__tail_lines', type: FieldType.number, values: page.map((row) => row.of) },
              { name: '__tail_now', type: FieldType.number, values: page.map(() => nowSeconds) },
            ],
          }),
        ];
  }
}

const query = (fields: Partial<MicromegasQuery> = {}): MicromegasQuery => ({
  refId: 'A',
  query: 'SELECT 1',
  format: 'logs',
  ...fields,
});

function start(server: Server, targets: MicromegasQuery[] = [query()]) {
  const request = { requestId: 'explore_1', targets, liveStreaming: true } as Partial<
    DataQueryRequest<MicromegasQuery>
  >;
  return liveTail(request as DataQueryRequest<MicromegasQuery>, server.run, server.time).subscribe((response) =>
    server.responses.push(response)
  );
}

it('shows each new line once, and replaces the frame of a query with each update', () => {
  const server = new Server();
  server.write(2, { body: (index) => `before ${index}` });
  const subscription = start(server);
  expect(server.bodies()).toEqual(['before 0', 'before 1']);
  server.write(3, { block: 'b2' });
  server.until(2);
  // The line arrived in a second that the tail has already read.
  server.write(1, { block: 'b0', arrivedMs: START_MS, body: () => 'from the past' });
  server.until(4);
  expect(server.bodies()).toEqual(['before 0', 'before 1', 'line 0', 'line 1', 'line 2', 'from the past']);
  const keys = new Set(server.responses.map(({ key, state }) => `${key} ${state}`));
  expect([...keys]).toEqual([`live-tail-explore_1 ${LoadingState.Streaming}`]);
  expect(server.responses.every(({ data }) => data.length === 1 && data[0].refId === 'A')).toBe(true);
  expect(server.last.data[0].fields.map(({ name }: { name: string }) => name)).toEqual([
    'timestamp',
    'body',
    'id',
    'labels',
    'block_id',
  ]);
  subscription.unsubscribe();
});

it('shows equal lines as often as they were written, with different ids', () => {
  const server = new Server();
  server.write(3, { body: () => 'same' });
  const subscription = start(server);
  server.write(2, { body: () => 'same', block: 'b2' });
  server.until(3);
  server.write(1, { body: () => 'same', block: 'b3' });
  server.until(6);
  expect(server.bodies()).toEqual(Array<string>(6).fill('same'));
  const ids = server.last.data[0].fields[2].values;
  expect(new Set(ids).size).toBe(ids.length);
  subscription.unsubscribe();
});

it('sends each update twice, because Grafana drops some updates, but sends nothing if nothing has changed', () => {
  const server = new Server();
  server.write(1);
  const subscription = start(server);
  server.until(20);
  expect(server.responses).toHaveLength(2);
  server.write(1, { block: 'b2' });
  server.until(40);
  expect(server.responses).toHaveLength(4);
  subscription.unsubscribe();
});

it('sends an empty frame of log lines before the first line', () => {
  const server = new Server();
  const subscription = start(server);
  expect(server.last.data[0]).toMatchObject({
    length: 0,
    meta: { type: 'log-lines', preferredVisualisationType: 'logs' },
  });
  subscription.unsubscribe();
});

it('keeps at most one timer, however long it runs', () => {
  const server = new Server();
  const subscription = start(server);
  server.until(300);
  expect(server.requests.length).toBeGreaterThan(300);
  expect(server.time.subscriptions).toBe(1);
  subscription.unsubscribe();
  expect(server.time.subscriptions).toBe(0);
});

it('sends at most one query per second, and pauses for the time that the last query took', () => {
  const server = new Server();
  const subscription = start(server);
  server.until(49);
  expect(server.requests).toHaveLength(50);
  server.stepMs = 3000;
  server.until(49.5 + 60);
  expect(server.requests).toHaveLength(50 + 10);
  expect(server.tails.every(isTailRequest)).toBe(true);
  subscription.unsubscribe();
});

it('ends with the subscription, and cancels the query that runs', () => {
  const server = new Server();
  server.release = () => undefined;
  const subscription = start(server);
  expect([server.cancelled, server.time.waiting]).toEqual([0, 0]);
  subscription.unsubscribe();
  expect([server.cancelled, server.time.waiting, server.responses.length]).toEqual([1, 0, 0]);
  const other = new Server();
  const waiting = start(other);
  expect(other.time.waiting).toBe(1);
  waiting.unsubscribe();
  expect(other.time.waiting).toBe(0);
});

it('keeps the lines while the server fails, retries with growing pauses, and continues without a gap', () => {
  const server = new Server();
  server.write(1, { body: () => 'first' });
  const subscription = start(server);
  const failed = { message: 'Nothing listens.', refId: 'A', status: 502 };
  server.failure = () => of({ data: [], state: LoadingState.Error, errors: [failed] });
  const before = server.requests.length;
  server.until(61);
  expect(server.requests.length - before).toBe(6);
  expect(server.last.errors).toEqual([failed]);
  expect(server.bodies()).toEqual(['first']);
  server.write(1, { arrivedMs: START_MS + 5000, body: () => 'while it was down' });
  // Grafana itself cannot be reached.
  server.failure = () => throwError(() => new Error('Bad gateway'));
  server.until(95);
  expect(server.last.errors).toEqual([{ message: 'Bad gateway', refId: 'A' }]);
  server.failure = undefined;
  server.until(200);
  expect(server.last.errors).toBeUndefined();
  expect(server.bodies()).toEqual(['first', 'while it was down']);
  subscription.unsubscribe();
});

it('ends if the backend rejects the query', () => {
  const server = new Server();
  const failed = { message: 'This query has no live tail.', refId: 'A', status: 400 };
  server.failure = () => of({ data: [], errors: [failed] });
  let isComplete = false;
  start(server).add(() => (isComplete = true));
  expect([isComplete, server.time.waiting]).toEqual([true, 0]);
  expect(server.last.errors).toEqual([failed]);
});

it('sends one request for several queries, including a query that has no log lines', () => {
  const server = new Server();
  server.write(1);
  const viewQuery = query({ refId: 'T', queryType: 'processes', processes: {} as MicromegasQuery['processes'] });
  const subscription = start(server, [query(), query({ refId: 'B' }), viewQuery]);
  server.until(3);
  const [first] = server.requests.map(({ targets }) => targets.map(({ refId }) => refId).join());
  expect(first).toBe('A,B,T');
  subscription.unsubscribe();
});

it('keeps the last lines, and reports how many lines of a burst were left out', () => {
  const server = new Server();
  const subscription = start(server, [query({ rowLimit: 5 })]);
  server.write(3);
  server.until(2);
  server.write(7, { block: 'b2', body: (index) => `burst ${index}` });
  server.until(4);
  expect(server.bodies()).toHaveLength(5);
  expect(server.notices()).toContainEqual(expect.stringMatching(/too many arrived at once: 2\./));
  expect(server.tails.every((tail) => tail.kind === 'counts' || tail.limit === 5)).toBe(true);
  subscription.unsubscribe();
  const other = new Server();
  other.write(TAIL_LINES * 2);
  start(other).unsubscribe();
  // Lines that arrived before the tail began do not count as missed.
  expect(other.notices()).toHaveLength(1);
  expect(other.bodies()).toHaveLength(TAIL_LINES);
});

it('counts lines that appear more than three minutes after their arrival', () => {
  const server = new Server();
  server.write(1);
  const subscription = start(server);
  // One line arrives each second, because without new lines, the tail would also read earlier seconds.
  const second = (at: number) => START_MS + at * 1000;
  for (let at = 1; at < 400; at++) {
    server.until(at);
    server.write(1, { block: `c${at}`, arrivedMs: second(at) });
    if (at === 250) {
      server.write(4, { block: 'late', arrivedMs: second(20), body: () => 'late' });
    }
  }
  server.until(402);
  expect(server.bodies()).not.toContain('late');
  expect(server.notices()).toContainEqual(expect.stringMatching(/more than 3 minutes .*: 4\./));
  expect(server.bodies()).toHaveLength(400);
  expect(server.tails.filter(({ kind }) => kind === 'counts').length).toBeGreaterThan(4);
  subscription.unsubscribe();
});

it('shows the delay of the newest line', () => {
  const server = new Server();
  server.write(1, { arrivedMs: START_MS - 7000 });
  start(server).unsubscribe();
  expect(server.notices()).toEqual([expect.stringContaining('7 s')]);
});

it('restarts after a long interruption, and reports the gap', () => {
  const server = new Server();
  server.write(1, { body: () => 'before' });
  const subscription = start(server);
  // The computer of the viewer sleeps.
  server.time.pass(3 * 3_600_000);
  server.write(1, { body: () => 'after', block: 'b2' });
  server.until(3 * 3600 + 10);
  expect(server.bodies()).toEqual(['before', 'after']);
  expect(server.notices()).toContainEqual(expect.stringMatching(/Lines of 177 minutes/));
  expect(server.tails.every(({ ageSeconds }) => ageSeconds <= MAX_TAIL_SECONDS)).toBe(true);
  subscription.unsubscribe();
});

it('keeps a bounded number of seconds and lines', () => {
  const server = new Server();
  const subscription = start(server, [query({ rowLimit: 100 })]);
  for (let at = 1; at < 2000; at += 4) {
    server.until(at);
    server.lines.splice(0, server.lines.length - 10);
    server.write(10, { block: `c${at}` });
  }
  const known = server.tails.flatMap((tail) => (tail.kind === 'lines' ? (tail.known?.lines.length ?? 0) : []));
  expect(Math.max(...known)).toBeLessThan(300);
  expect(server.bodies()).toHaveLength(100);
  subscription.unsubscribe();
});
