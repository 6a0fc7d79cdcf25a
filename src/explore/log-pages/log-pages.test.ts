/** @jest-environment jsdom */
/**
 * Requests for more log lines, as Explore and dashboards send them. tests/integration/log-pages.test.ts reads whole
 * results.
 */
import {
  createDataFrame,
  type DataFrame,
  DataFrameType,
  type DataQueryRequest,
  type DataQueryResponse,
  dateTime,
  FieldType,
} from '@grafana/data';
import { firstValueFrom, of } from 'rxjs';
import { growth } from '../../../tests/support/growth';
import { type MicromegasQuery } from '../../shared/types';
import { LogPages } from './log-pages';

type Request = DataQueryRequest<MicromegasQuery>;

const T = 1_767_225_600_000;

interface Line {
  ms: number;
  nanos?: number;
  body?: string;
  id: string;
  exe?: string;
}

function logFrame(lines: Line[], { refId = 'A', notices = [] as string[] } = {}): DataFrame {
  const frame = createDataFrame({
    refId,
    meta: {
      type: DataFrameType.LogLines,
      custom: { timeColumn: 'ts' },
      notices: notices.map((notice) => ({ severity: 'warning', text: notice })),
    },
    fields: [
      { name: 'timestamp', type: FieldType.time, values: lines.map(({ ms }) => ms) },
      { name: 'body', type: FieldType.string, values: lines.map(({ body }) => body ?? 'a line') },
      { name: 'id', type: FieldType.string, values: lines.map(({ id }) => id) },
      { name: 'labels', type: FieldType.other, values: lines.map(({ exe }) => ({ exe })) },
    ],
  });
  if (lines.some(({ nanos }) => nanos !== undefined)) {
    frame.fields[0].nanos = lines.map(({ nanos }) => nanos ?? 0);
  }
  return frame;
}

const QUERY: MicromegasQuery = { refId: 'A', format: 'logs', query: 'SELECT 1' };

function requestOf(fromMs: number, toMs: number, changes: Partial<Request> = {}, mark = {}): Request {
  const [from, to] = [dateTime(fromMs), dateTime(toMs)];
  return {
    app: 'explore',
    requestId: 'explore_left',
    startTime: 1,
    interval: '1s',
    intervalMs: 1000,
    range: { from, to, raw: { from, to } },
    scopedVars: {},
    targets: [{ ...QUERY, ...mark }],
    timezone: 'utc',
    ...changes,
  };
}

const page = (fromMs: number, toMs: number, changes: Partial<Request> = {}) =>
  requestOf(fromMs, toMs, changes, { supportingQueryType: 'infiniteScroll' });

/** Sends requests one after another, with a response for each. */
class Lab {
  readonly sent: Request[] = [];
  readonly reported: string[] = [];
  readonly #pages = new LogPages((messages) => this.reported.push(...messages));

  async send(request: Request, changes: Partial<DataQueryResponse>): Promise<DataFrame[]> {
    const response = await firstValueFrom(
      this.#pages.run(request, (sent) => {
        this.sent.push(sent);
        return of({ data: [], ...changes });
      })
    );
    return response.data as DataFrame[];
  }

  get asked() {
    return this.sent.map(({ targets }) => targets[0].logPage);
  }
}

const idsOf = (frame: DataFrame) => frame.fields[2].values as string[];

const FIRST = [
  { ms: T + 9000, id: 'n' },
  { ms: T + 5001, id: 'x' },
  { ms: T + 5000, nanos: 7, id: 'o', exe: 'a' },
];

it('requests the neighbours of the first and of the last line', async () => {
  const lab = new Lab();
  await lab.send(requestOf(T, T + 10_000), { data: [logFrame(FIRST)] });
  await lab.send(page(T, T + 5000), {});
  await lab.send(page(T + 9000, T + 12_000), {});
  expect(lab.asked).toEqual([
    undefined,
    // A page of older lines repeats the line at T + 5000, and `x`, which is exactly at T + 5001.
    { direction: 'older', boundaryMs: T + 5000, shown: 2, timeColumn: 'ts' },
    { direction: 'newer', boundaryMs: T + 9000, shown: 1, timeColumn: 'ts' },
  ]);
  const ranges = lab.sent.map(({ range }) => [range.from.valueOf(), range.to.valueOf()]);
  expect(ranges).toEqual([
    [T, T + 10_000],
    [T, T + 10_000],
    [T, T + 12_000],
  ]);
});

it('gives a repeated line the id that it already has, and other lines new ids', async () => {
  const lab = new Lab();
  await lab.send(requestOf(T, T + 10_000), { data: [logFrame(FIRST)] });
  const lines = [
    { ms: T + 5000, nanos: 7, id: 'o', exe: 'b' },
    { ms: T + 5000, nanos: 7, id: 'o-2', exe: 'a' },
    { ms: T + 4000, id: 'p' },
  ];
  const [frame] = await lab.send(page(T, T + 5000), { data: [logFrame(lines)] });
  expect(idsOf(frame)).toEqual(['o-2', 'o', 'p']);
  await lab.send(page(T, T + 4000), {});
  expect(lab.asked[2]).toMatchObject({ boundaryMs: T + 4000, shown: 1 });
  expect(lab.reported).toEqual([]);
});

it('makes the ids of new lines unique with the lowest free numbers', async () => {
  const lab = new Lab();
  const ids = ['o', 'o-2', 'o-4'];
  await lab.send(requestOf(T, T + 10_000), { data: [logFrame(ids.map((id) => ({ ms: T, id, exe: 'a' })))] });
  const lines = ['o', 'o-2', 'o-5', 'o-2'].map((id) => ({ ms: T, id, exe: 'b' }));
  const [frame] = await lab.send(page(T, T), { data: [logFrame(lines)] });
  expect(idsOf(frame)).toEqual(['o-3', 'o-5', 'o-6', 'o-7']);
});

it('adds a page in linear time if all lines have the same time and message', async () => {
  const linesOf = (length: number, exe: string) =>
    Array.from({ length }, (_none, row) => ({ ms: T, id: `o-${row + 1}`, exe: `${exe} ${row}` }));
  const framesOf = (length: number) => ['shown', 'added'].map((exe) => logFrame(linesOf(length, exe)));
  const addPage = async ([shown, added]: DataFrame[]) => {
    const lab = new Lab();
    await lab.send(requestOf(T, T + 10_000), { data: [shown] });
    await lab.send(page(T, T), { data: [added] });
  };
  expect(await growth(addPage, framesOf, 800)).toBeLessThan(8);
});

it('adds nanoseconds to every frame, because Grafana joins the frames', async () => {
  const lab = new Lab();
  const [first] = await lab.send(requestOf(T, T + 10_000), { data: [logFrame([{ ms: T + 1, id: 'a' }])] });
  const [older] = await lab.send(page(T, T + 1), { data: [logFrame([{ ms: T, id: 'b' }])] });
  const [none] = await lab.send(page(T, T + 1), { data: [logFrame([])] });
  expect([first, older, none].map(({ fields }) => fields[0].nanos)).toEqual([[0], [0], []]);
});

it('reports why a page has no more lines', async () => {
  const lab = new Lab();
  await lab.send(requestOf(T, T + 10_000), { data: [logFrame(FIRST)] });
  await lab.send(page(T, T + 5000), { errors: [{ message: 'The server is busy.' }] });
  await lab.send(page(T, T + 5000), { data: [logFrame(FIRST.slice(2), { notices: ['Only one row.'] })] });
  expect(lab.reported).toEqual(['The server is busy.', 'Only one row.']);
  // A page with new lines is not reported, although it has a notice.
  await lab.send(page(T, T + 5000), { data: [logFrame([{ ms: T, id: 'q' }], { notices: ['Only one row.'] })] });
  expect(lab.reported).toHaveLength(2);
});

it("recognizes a dashboard's request for a page by its start time and its range", async () => {
  const lab = new Lab();
  const changes = { requestId: 'SQR1' };
  await lab.send(requestOf(T, T + 10_000, changes), { data: [logFrame(FIRST)] });
  await lab.send(requestOf(T, T + 5000, changes), {});
  await lab.send(requestOf(T, T + 6000, changes), { data: [logFrame(FIRST)] });
  await lab.send(requestOf(T, T + 5000, { ...changes, startTime: 2 }), {});
  expect(lab.asked.map((asked) => asked?.direction)).toEqual([undefined, 'older', undefined, undefined]);
});

it.each([
  ['another pane', page(T, T + 5000, { requestId: 'explore_right' })],
  ['a result without lines', page(T, T + 5000)],
])('sends the request unchanged if no lines are known: %s', async (_name, request) => {
  const lab = new Lab();
  await lab.send(requestOf(T, T + 10_000), { data: [logFrame([])] });
  await lab.send(request, { data: [logFrame(FIRST)] });
  await lab.send(request, {});
  expect(lab.asked).toEqual([undefined, undefined, undefined]);
});

it('keeps the lines of a pane with mixed data sources, and drops the lines of the previous query', async () => {
  const lab = new Lab();
  await lab.send(requestOf(T, T + 10_000, { requestId: 'mixed-1-explore_left' }), { data: [logFrame(FIRST)] });
  await lab.send(page(T, T + 5000, { requestId: 'mixed-0-explore_left' }), {});
  await lab.send(requestOf(T, T + 10_000), { data: [] });
  await lab.send(page(T, T + 5000), {});
  expect(lab.asked.map((asked) => asked !== undefined)).toEqual([false, true, false, false]);
});

it('does not change requests for the volume', async () => {
  const lab = new Lab();
  await lab.send(requestOf(T, T + 10_000), { data: [logFrame(FIRST)] });
  await lab.send(requestOf(T, T + 10_000, {}, { supplementary: { type: 'logs-volume' } }), { data: [] });
  await lab.send(page(T, T + 5000), {});
  expect(lab.asked.map((asked) => asked?.direction)).toEqual([undefined, undefined, 'older']);
});
