/**
 * Time series for alert rules and expressions. The expression Reduce counts a null as a value, and the expression
 * Threshold reads the last value even if it is null. So a series must not have nulls at the times of another series.
 */
import { makeVector, Table } from 'apache-arrow';
import { type FrameOptions } from './frame-options';
import { streamFrames } from './build-frames';
import { accountOf } from '../../observe/memory/testing/accounts';
import { build, messagesOf, OPTIONS, readFrame, type ReadFrame, stream } from './testing/arrow-messages';
import { floats, lines, SECOND, strings, times, words } from './testing/time-series';

const MULTI: Partial<FrameOptions> = { format: 'time_series', seriesFrames: 'multi' };
const RANGE = { fromMs: 0, toMs: 4000, intervalMs: 1000 };

async function framesOf(columns: Record<string, unknown>, options: Partial<FrameOptions> = {}): Promise<ReadFrame[]> {
  const { frames } = await build(messagesOf(new Table(columns as never)), { ...MULTI, ...options });
  return frames.map(readFrame);
}

const SPARSE = { time: times(1, 2, 3, 3), host: strings('a', 'a', 'a', 'b'), value: floats(1, 2, 3, 4) };

interface Case {
  name: string;
  columns: Record<string, unknown>;
  options?: Partial<FrameOptions>;
  expected: string[][];
}

const cases: Case[] = [
  {
    name: 'gives each series the times of its own rows',
    columns: SPARSE,
    expected: [
      ['time: 1 2 3', 'value{"host":"a"}: 1 2 3'],
      ['time: 3', 'value{"host":"b"}: 4'],
    ],
  },
  {
    name: 'creates a frame for each series and value column',
    columns: { ...SPARSE, low: floats(5, null, 7, 8) },
    expected: [
      ['time: 1 2 3', 'value{"host":"a"}: 1 2 3'],
      ['time: 3', 'value{"host":"b"}: 4'],
      ['time: 1 2 3', 'low{"host":"a"}: 5  7'],
      ['time: 3', 'low{"host":"b"}: 8'],
    ],
  },
  {
    name: 'keeps a null of the result',
    columns: { time: times(1, 2), host: strings('a', 'a'), value: floats(1, null) },
    expected: [['time: 1 2', 'value{"host":"a"}: 1 ']],
  },
  {
    name: 'creates a frame for each value column of a result without labels',
    columns: { time: times(1, 2), low: floats(1, 2), high: floats(3, 4) },
    expected: [
      ['time: 1 2', 'low: 1 2'],
      ['time: 1 2', 'high: 3 4'],
    ],
  },
  {
    name: 'sorts the rows of a series, and uses the last row of a time',
    columns: { time: times(3, 1, 2, 1), host: words('a', 'a', 'b', 'a'), value: floats(3, 1, 2, 9) },
    expected: [
      ['time: 1 3', 'value{"host":"a"}: 9 3'],
      ['time: 2', 'value{"host":"b"}: 2'],
    ],
  },
  {
    name: 'leaves out rows that have no time, and series in which no row has a time',
    columns: { time: times(1, null, null), host: strings('a', 'a', 'b'), value: floats(1, 2, 3) },
    expected: [['time: 1', 'value{"host":"a"}: 1']],
  },
  {
    name: 'leaves out nulls that fill gaps',
    columns: SPARSE,
    options: { fillMode: 'null', window: RANGE },
    expected: [
      ['time: 1 2 3', 'value{"host":"a"}: 1 2 3'],
      ['time: 3', 'value{"host":"b"}: 4'],
    ],
  },
  {
    name: 'keeps zeros that fill gaps',
    columns: SPARSE,
    options: { fillMode: 'zero', window: RANGE },
    expected: [
      ['time: 0 1 2 3 4', 'value{"host":"a"}: 0 1 2 3 0'],
      ['time: 0 1 2 3 4', 'value{"host":"b"}: 0 0 0 4 0'],
    ],
  },
  {
    name: 'keeps previous values that fill gaps, from the first row on',
    columns: SPARSE,
    options: { fillMode: 'previous', window: RANGE },
    expected: [
      ['time: 1 2 3 4', 'value{"host":"a"}: 1 2 3 3'],
      ['time: 3 4', 'value{"host":"b"}: 4 4'],
    ],
  },
  {
    name: 'keeps a null of the result among zeros',
    columns: { time: times(1, 3), host: strings('a', 'a'), value: floats(null, 3) },
    options: { fillMode: 'zero', window: RANGE },
    expected: [['time: 0 1 2 3 4', 'value{"host":"a"}: 0  0 3 0']],
  },
  {
    name: 'fills a result that has neither rows nor labels with zeros',
    columns: { time: times(), low: floats(), high: floats() },
    options: { fillMode: 'zero', window: RANGE },
    expected: [
      ['time: 0 1 2 3 4', 'low: 0 0 0 0 0'],
      ['time: 0 1 2 3 4', 'high: 0 0 0 0 0'],
    ],
  },
  {
    name: 'leaves out the gaps of a column whose type cannot hold the fill value',
    columns: { time: times(1, 2, 1), host: strings('a', 'a', 'b'), n: makeVector(Int32Array.of(1, 2, 3)) },
    options: { fillMode: 0.5, window: RANGE },
    expected: [
      ['time: 1 2', 'n{"host":"a"}: 1 2'],
      ['time: 1', 'n{"host":"b"}: 3'],
    ],
  },
];

it.each(cases)('$name', async ({ columns, options, expected }) => {
  const frames = await framesOf(columns, options);
  expect(frames.map(lines)).toEqual(expected);
  for (const { meta, refId, fields } of frames) {
    expect(meta).toMatchObject({ type: 'timeseries-multi', typeVersion: [0, 1] });
    expect(refId).toBe('A');
    expect(fields[0]).toMatchObject({ name: 'time', type: 'Timestamp<NANOSECOND>', nullable: false });
  }
});

it('sorts the rows of all batches together', async () => {
  const first = messagesOf(new Table({ time: times(3, 1), host: strings('a', 'b'), value: floats(1, 2) }));
  const second = messagesOf(new Table({ time: times(2, 1), host: strings('b', 'a'), value: floats(3, 4) }));
  const { frames } = await build([...first, ...second.slice(1)], MULTI);
  expect(frames.map((frame) => lines(readFrame(frame)))).toEqual([
    ['time: 1 3', 'value{"host":"a"}: 4 1'],
    ['time: 1 2', 'value{"host":"b"}: 2 3'],
  ]);
});

it.each([
  ['without rows', times()],
  ['in which no row has a time', times(null)],
])('returns a frame without fields for a result %s', async (_name, time) => {
  const rows = time.length;
  const value = floats(...Array.from({ length: rows }, () => 1));
  const frames = await framesOf({ time, value });
  expect(frames).toMatchObject([{ fields: [], meta: { type: 'timeseries-multi', typeVersion: [0, 1] } }]);
});

it('writes notices and the SQL into the first frame only', async () => {
  const columns = { time: times(1, 1, 1), host: strings('a', 'a', 'b'), value: floats(1, 2, 3) };
  const [first, second] = await framesOf(columns, { custom: { limit: 5 } });
  expect(first?.meta).toMatchObject({ executedQueryString: 'SELECT 1', notices: [{ severity: 'warning' }] });
  expect(second?.meta).toEqual({ type: 'timeseries-multi', typeVersion: [0, 1] });
});

it('writes the same frames as JSON', async () => {
  const { frames } = await build(messagesOf(new Table(SPARSE)), { ...MULTI, encoding: 'json' });
  const read = frames.map((frame) => JSON.parse(Buffer.concat(frame).toString()));
  expect(read.map(({ data }) => data.values)).toEqual([
    [
      [1000, 2000, 3000],
      [1, 2, 3],
    ],
    [[3000], [4]],
  ]);
  expect(read[1].schema.fields[1].labels).toEqual({ host: 'b' });
});

it('sends each frame as a part', async () => {
  const parts = [];
  for await (const part of streamFrames(stream(messagesOf(new Table(SPARSE))), { ...OPTIONS, ...MULTI })) {
    parts.push(part);
  }
  expect(new Set(parts.map(({ frameId }) => frameId)).size).toBe(2);
  expect(parts.map(({ pieces }) => readFrame(pieces).rows)).toEqual([3, 1]);
});

describe('a result with 5,000 series', () => {
  const SERIES = 5000;
  const ids = Array.from({ length: SERIES }, (_, id) => id);
  /** No two series have a time in common: a wide frame would have 25 million cells. */
  const columns = {
    time: times(...ids),
    host: strings(...ids.map((id) => String(id).padStart(4, '0'))),
    value: floats(...ids),
  };
  const messages = messagesOf(new Table(columns));

  it('has one frame with one row for each series', async () => {
    const { frames, bytes } = await build(messages, MULTI);
    expect(frames).toHaveLength(SERIES);
    const last = readFrame(frames[SERIES - 1] ?? []);
    expect(last.fields[0]?.values).toEqual([4999n * SECOND]);
    // `FRAME_BYTES` estimates this size. Limits in bytes rely on the estimate.
    expect(bytes / SERIES).toBeGreaterThan(1536 * 0.5);
    expect(bytes / SERIES).toBeLessThan(1536);
  });

  it('is truncated by the size limit, which includes the metadata of each frame', async () => {
    const maxBytes = { bytes: 2_000_000, reason: 'the size limit of the data source' };
    const { truncated } = await build(messages, { ...MULTI, maxBytes });
    expect(truncated).toBe(true);
    expect((await build(messages, { ...MULTI, seriesFrames: 'wide', maxRows: 100, maxBytes })).bytes).toBeLessThan(
      maxBytes.bytes
    );
  });

  it('is truncated by the memory limit, which includes the metadata of each frame', async () => {
    const batches = [0, 1, 2, 3, 4].map((batch) => {
      const some = ids.slice(batch * 1000, (batch + 1) * 1000);
      const host = strings(...some.map((id) => String(id)));
      return messagesOf(new Table({ time: times(...some), host, value: floats(...some) }));
    });
    const several = batches.flatMap((batch, index) => (index === 0 ? batch : batch.slice(1)));
    const { truncated, rows } = await build(several, { ...MULTI, memory: accountOf(8 * 1024 * 1024) });
    expect(truncated).toBe(true);
    expect(rows).toBeLessThan(SERIES);
  });
});
