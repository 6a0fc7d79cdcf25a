import { MemoryBudget } from '../../observe/memory/memory-budget';
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { Float64, Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type IpcMessage } from '../arrow-ipc';
import { buildFrames, streamFrames } from './build-frames';
import { type FrameOptions } from './frame-options';
import { columnOf, messagesOf, OPTIONS, readFrame, received, timeColumn } from './testing/arrow-messages';

/** Batches of 1000 numbers: 4000 bytes each, plus the header. */
const [SCHEMA, BATCH] = messagesOf(new Table({ n: columnOf(new Int32(), new Int32Array(1000)) }));
/** Bytes of the schema and two and a half batches. */
const BYTES = SCHEMA.header.length + 2.5 * (BATCH.header.length + BATCH.body.length);

/**
 * An endless result. It counts the requested batches and records the end of the iteration. The messages are allocated
 * from `memory`.
 */
class Endless {
  pulled = 0;
  hasEnded = false;

  async *messages(memory = unlimitedAccount()): AsyncGenerator<IpcMessage> {
    try {
      yield* received([SCHEMA], memory);
      for (;;) {
        this.pulled++;
        yield* received([BATCH], memory);
      }
    } finally {
      this.hasEnded = true;
    }
  }
}

/** Slightly more than the estimated bytes of the objects of three batches with one column. */
const OBJECTS = 2 * 1024 + 3 * 1024;

const cases: Array<[name: string, options: Partial<FrameOptions>, rows: number, pulled: number, notice: RegExp]> = [
  ['rows', { maxRows: 2500 }, 2500, 3, /first 2,500 rows: the row limit of the query\./],
  ['bytes', { maxBytes: { bytes: BYTES, reason: 'the size limit' } }, 2500, 3, /first 2,500 rows: the size limit\./],
  [
    'rows (with a larger limit of bytes)',
    { maxRows: 2100, maxBytes: { bytes: BYTES, reason: 'the size limit' } },
    2100,
    3,
    /row limit of the query/,
  ],
  ['memory', { memory: accountOf(OBJECTS + 2.5 * BATCH.body.length) }, 2000, 3, /there is no more memory/],
];

const line = (value: unknown) =>
  messagesOf(
    new Table({ time: timeColumn([1n]), msg: value as never, value: columnOf(new Int32(), Int32Array.of(1)) } as never)
  );
const LONG_STRING = 'x'.repeat(3000);

const BEYOND_FIRST: Array<
  [name: string, messages: IpcMessage[], options: () => Partial<FrameOptions>, reason: RegExp]
> = [
  [
    'bytes that a single row exceeds',
    line(vectorFromArray([LONG_STRING], new Utf8())),
    () => ({ maxBytes: { bytes: 2000, reason: 'the size limit' } }),
    /Not even the first row fits into the limit: the size limit\./,
  ],
  [
    'bytes that a single row with a dictionary exceeds',
    line(vectorFromArray([LONG_STRING])),
    () => ({ maxBytes: { bytes: 2000, reason: 'the size limit' } }),
    /Not even the first row fits into the limit: the size limit\./,
  ],
  [
    'memory that a single row exceeds',
    line(vectorFromArray(['x'.repeat(60_000)], new Utf8())),
    () => ({ memory: accountOf(40_000) }),
    /Not even the first row fits into the limit: there is no more memory\./,
  ],
];

// An alert rule would treat a result without rows as "no data".
describe.each(BEYOND_FIRST)('a limit of %s', (_name, messages, limit, message) => {
  it.each(
    (['table', 'logs', 'time_series'] as const).flatMap((format) =>
      (['arrow', 'json'] as const).map((encoding) => ({ format, encoding }))
    )
  )('is an error in $format as $encoding, whole and in parts', async (options) => {
    const failure = { code: 'result_too_large', status: 413, message: expect.stringMatching(message) };
    const advice = expect.stringMatching(/raise the limit\.$/);
    const all = (): FrameOptions => ({ ...OPTIONS, ...options, ...limit() });
    const [whole, parts] = [all(), all()];
    await expect(buildFrames(received(messages, whole.memory), whole)).rejects.toMatchObject({ ...failure, advice });
    await expect(streamFrames(received(messages, parts.memory), parts).next()).rejects.toMatchObject({
      ...failure,
      advice,
    });
  });
});

it.each([
  ['one time', [5, 5, 5], /The rows have only one time, so any other time may be missing\./],
  ['unordered times', [5, 7, 6], /The rows are not ordered by time, so any time may be missing\./],
  ['ascending times', [5, 6, 7], / to \S+ \S+ \(UTC\) are missing\./],
])('says which times are missing in a truncated result with %s', async (_name, seconds, expected) => {
  const times = timeColumn(seconds.map((second) => BigInt(second) * 1_000_000_000n));
  const table = new Table({ time: times, value: vectorFromArray(seconds, new Float64()) });
  const window = { fromMs: 0, toMs: 10_000, intervalMs: 1000 };
  const { frames } = await buildFrames(
    received([...messagesOf(table), ...messagesOf(table).slice(1)], unlimitedAccount()),
    {
      ...OPTIONS,
      format: 'time_series',
      maxRows: 3,
      window,
    }
  );
  expect(readFrame(frames[0]).meta.notices?.[0].text).toMatch(expected);
});

it('uses the singular for one row', async () => {
  const { frames } = await buildFrames(new Endless().messages(), { ...OPTIONS, maxRows: 1 });
  expect(readFrame(frames[0]).meta.notices?.[0].text).toMatch(/^Showing the first row: /);
});

it.each<[Partial<FrameOptions>, severity: string, shown: string]>([
  [{ isRequestedLimit: true }, 'info', 'the first 2,500 rows'],
  [{ isRequestedLimit: true, firstLines: 'newest' }, 'info', 'the newest 2,500 lines'],
  [{ isRequestedLimit: true, firstLines: 'oldest', maxRows: 1 }, 'info', 'the oldest line'],
  [{ firstLines: 'newest' }, 'warning', 'the newest 2,500 lines'],
  [
    { isRequestedLimit: true, maxRows: 9999, maxBytes: { bytes: BYTES, reason: 'x' } },
    'warning',
    'the first 2,500 rows',
  ],
])('names the shown rows, and warns unless the query asks for this number of rows: %j', async (options, ...notice) => {
  const { frames } = await buildFrames(new Endless().messages(), { ...OPTIONS, maxRows: 2500, ...options });
  const [{ severity, text }] = readFrame(frames[0]).meta.notices ?? [];
  expect([severity, /^Showing (.+?): /.exec(text)?.[1]]).toEqual(notice);
  expect(text).toMatch(/ Narrow the time range, aggregate, or raise the limit to see more\.$/);
});

it.each(cases)(
  'stops immediately at a limit of %s, and names the limit',
  async (_name, options, rows, pulled, notice) => {
    const result = new Endless();
    const built = await buildFrames(result.messages(options.memory), { ...OPTIONS, ...options });
    expect(built).toMatchObject({ rows, truncated: true });
    expect(result).toMatchObject({ pulled, hasEnded: true });
    const frame = readFrame(built.frames[0]);
    expect(frame.rows).toBe(rows);
    expect(frame.meta.notices?.map(({ text }) => text)).toEqual([expect.stringMatching(notice)]);
  }
);

it('requests no message, not even the first one, while no memory is free', async () => {
  const result = new Endless();
  const budget = new MemoryBudget({ totalBytes: 1e6, aheadBytes: 1e5 });
  const [other, memory] = [budget.open(), budget.open()];
  other.note(1e6);
  const building = buildFrames(result.messages(), { ...OPTIONS, maxRows: 10, memory });
  await new Promise((resolve) => setImmediate(resolve));
  expect(result.pulled).toBe(0);
  other.close();
  await building;
  expect(result.pulled).toBe(1);
});

it('ends the iteration when a reservation is rejected', async () => {
  const result = new Endless();
  const budget = new MemoryBudget({ totalBytes: 100_000 });
  const older = budget.open();
  older.note(85_000);
  const memory = budget.open();
  const building = buildFrames(result.messages(memory), { ...OPTIONS, memory });
  const rejected = expect(building).rejects.toMatchObject({ code: 'memory_busy' });
  while (budget.waiting === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const admitted = older.reserve(0);
  await rejected;
  memory.close();
  await admitted;
  expect(result.hasEnded).toBe(true);
  expect(result.pulled).toBeLessThan(5);
});

it('counts converted bytes in addition to received bytes', async () => {
  const memory = accountOf(1e9);
  const lines = new Table({
    time: timeColumn([1n, 2n, 3n]),
    msg: vectorFromArray(['a', 'b', 'c'], new Utf8()),
    level: columnOf(new Int32(), Int32Array.of(1, 2, 3)),
  });
  const messages = messagesOf(lines);
  const receivedBytes = messages.reduce((sum, { body }) => sum + body.length, 0);
  await buildFrames(received(messages, memory), { ...OPTIONS, format: 'logs', memory });
  expect(memory.heldBytes).toBeGreaterThan(receivedBytes + 3 * (16 + 4));
});

// A number of ten digits takes four bytes in Arrow and twelve in JSON.
it.each([{ bigIntegersAsText: false }, { bigIntegersAsText: true }])(
  'truncates JSON at the memory limit, which the same result in Arrow does not reach (%j)',
  async (options) => {
    const [schema, batch] = messagesOf(new Table({ n: columnOf(new Int32(), new Int32Array(1000).fill(-2147483648)) }));
    const messages = [schema, ...Array.from({ length: 5 }, () => batch)];
    const limit = 90_000;
    const roomy = accountOf(limit);
    const arrow = await buildFrames(received(messages, roomy), { ...OPTIONS, ...options, memory: roomy });
    expect(arrow).toMatchObject({ rows: 5000, truncated: false });
    const memory = accountOf(limit);
    const json = await buildFrames(received(messages, memory), { ...OPTIONS, ...options, encoding: 'json', memory });
    expect(json.truncated).toBe(true);
    expect(json.rows).toBeGreaterThanOrEqual(1000);
    expect(Buffer.concat(json.frames[0] ?? []).toString()).toContain('there is no more memory');
  }
);

// The name and the labels of each series are objects, which fill the heap before their bytes reach the memory limit.
it('counts the objects of a time series with many label sets', async () => {
  const memory = accountOf(1e9);
  const names = Array.from({ length: 500 }, (_, row) => `series ${row}`);
  const messages = messagesOf(
    new Table({
      time: timeColumn(names.map((_, row) => BigInt(row % 2))),
      name: vectorFromArray(names, new Utf8()),
      value: columnOf(new Int32(), new Int32Array(names.length)),
    })
  );
  await buildFrames(received(messages, memory), { ...OPTIONS, format: 'time_series', memory });
  expect(memory.heldBytes).toBeGreaterThan(500 * 1000);
});

/**
 * Rows with the times and series that `timeOf` and `seriesOf` return. By default, each row has its own time and its own
 * series.
 */
function seriesRows(rows: number, timeOf = (row: number) => row, seriesOf = (row: number) => row): IpcMessage[] {
  const numbers = Array.from({ length: rows }, (_, row) => row);
  return messagesOf(
    new Table({
      time: timeColumn(numbers.map((row) => BigInt(timeOf(row)))),
      name: vectorFromArray(
        numbers.map((row) => `series ${seriesOf(row)}`),
        new Utf8()
      ),
      host: vectorFromArray(numbers.map(() => 'a')),
      value: columnOf(new Int32(), new Int32Array(rows)),
    })
  );
}

const TOO_WIDE: Array<[name: string, messages: IpcMessage[], limit: number, size: string, advice: RegExp]> = [
  [
    'many series and times',
    seriesRows(3000),
    50_000_000,
    '3000 series with 3000 distinct times, and there is no more memory.',
    /^Select fewer columns that make labels.* Group by \$__dateBin\(time\)\.$/,
  ],
  [
    'many series',
    seriesRows(3000, (row) => row % 500),
    5_000_000,
    '3000 series with 500 distinct times, and there is no more memory.',
    /^Select fewer columns that make labels[^$]*$/,
  ],
  [
    'many times',
    seriesRows(3000, undefined, (row) => row % 50),
    1_000_000,
    '50 series with 3000 distinct times, and there is no more memory.',
    /^Group by \$__dateBin\(time\)\.$/,
  ],
  [
    'more cells than any panel draws',
    seriesRows(6000),
    1e12,
    '6000 series with 6000 distinct times, and one result may have 20 million values.',
    /Group by/,
  ],
  [
    'few series and times in very little memory',
    seriesRows(60, (row) => row % 30),
    100_000,
    '60 series with 30 distinct times, and there is no more memory.',
    /^Narrow the time range/,
  ],
];

it.each(TOO_WIDE)(
  'rejects a time series whose wide form is too large, with advice for %s',
  async (_name, messages, limit, size, advice) => {
    const options = { ...OPTIONS, format: 'time_series', memory: accountOf(limit) } as const;
    await expect(buildFrames(received(messages, options.memory), options)).rejects.toMatchObject({
      code: 'result_too_large',
      detail: `As time series it has ${size} Its labels come from "name" and "host".`,
      advice: expect.stringMatching(advice),
    });
  }
);

it.each(['arrow', 'json'] as const)(
  'truncates a time series with one row per cell at the memory limit, as %s',
  async (encoding) => {
    // Four series, in descending order of time. At the last time of each batch, only one series has a row.
    const [schema, ...batches] = [0, 1, 2].flatMap((batch) =>
      messagesOf(
        new Table({
          time: timeColumn(Array.from({ length: 401 }, (_, row) => BigInt(1e6 - batch * 401 - (row >> 2)))),
          name: vectorFromArray(
            Array.from({ length: 401 }, (_, row) => 'abcd'.charAt(row % 4)),
            new Utf8()
          ),
          value: columnOf(new Int32(), new Int32Array(401)),
        })
      ).slice(batch === 0 ? 0 : 1)
    );
    const memory = accountOf(encoding === 'arrow' ? 60_000 : 75_000);
    const options = { ...OPTIONS, format: 'time_series', encoding, memory } as const;
    const { frames, rows, truncated } = await buildFrames(received([schema, ...batches], memory), options);
    expect(truncated).toBe(true);
    expect(rows).toBeGreaterThanOrEqual(401);
    expect(Buffer.concat(frames[0] as Uint8Array[]).toString()).toContain(
      `Showing the first ${rows.toLocaleString('en-US')} rows: there is no more memory.`
    );
  }
);
