/**
 * Times the making of frames alone, without network or Grafana: rows per second of each kind of result.
 *
 * Run with `npx tsx benchmarks/frames.ts [rounds]`. The messages are made by the reference implementation of Arrow before
 * the clock starts; a round drops its frames before the next one begins.
 */
import { Binary, Dictionary, Int32, makeVector, RecordBatch, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type IpcMessage } from '../proxy/arrow-ipc/ipc-message';
import { columnOf, messagesOf, OPTIONS, stream, timeColumn } from '../proxy/data-frames/testing/arrow-messages';
import { buildFrames, type FrameOptions } from '../proxy/data-frames/build-frames';

const BATCH_ROWS = 8192;
const START_NS = 1_767_225_600_000_000_000n;

interface Case {
  name: string;
  rows: number;
  format: FrameOptions['format'];
  batch: (start: number, rows: number) => Record<string, unknown>;
}

function times(start: number, rows: number, at: (row: number) => number) {
  return timeColumn(Array.from({ length: rows }, (_, row) => START_NS + BigInt(at(start + row)) * 1_000_000n));
}

function floats(start: number, rows: number, at: (row: number) => number) {
  return makeVector(Float64Array.from({ length: rows }, (_, row) => at(start + row)));
}

function words(start: number, rows: number, at: (row: number) => string) {
  const type = new Dictionary(new Utf8(), new Int32());
  return vectorFromArray(
    Array.from({ length: rows }, (_, row) => at(start + row)),
    type
  );
}

/** The JSONB object `{"k": "v<n>"}` for n below 7. */
function bag(row: number): Uint8Array {
  const value = `v${row % 7}`;
  return Uint8Array.of(0x40, 0, 0, 1, 0x10, 0, 0, 1, 0x10, 0, 0, value.length, 0x6b, ...Buffer.from(value));
}

function bags(start: number, rows: number) {
  const values = vectorFromArray(
    Array.from({ length: 7 }, (_, row) => bag(row)),
    new Binary()
  );
  const type = new Dictionary(new Binary(), new Int32());
  const indices = Int32Array.from({ length: rows }, (_, row) => (start + row) % 7);
  return makeVector({ type, length: rows, nullCount: 0, data: indices, dictionary: values } as never);
}

function logEntries(start: number, rows: number): Record<string, unknown> {
  const targets = ['server::http', 'server::sql', 'engine::render', 'engine::physics', 'client::net'];
  return {
    process_id: words(
      start,
      rows,
      (row) => `0190a5b2-0000-7000-8000-${String(Math.floor(row / 50_000)).padStart(12, '0')}`
    ),
    exe: words(start, rows, (row) => ['game-server', 'editor'][row % 2] ?? ''),
    username: words(start, rows, (row) => ['ada', 'grace', 'edsger'][row % 3] ?? ''),
    computer: words(start, rows, (row) => `node-${1 + (row % 2)}`),
    time: times(start, rows, (row) => row),
    target: words(start, rows, (row) => targets[row % targets.length] ?? ''),
    level: columnOf(
      new Int32(),
      Int32Array.from({ length: rows }, (_, row) => 1 + ((start + row) % 6))
    ),
    msg: vectorFromArray(
      Array.from(
        { length: rows },
        (_, row) => `request ${start + row} handled by worker ${row % 16} in ${row % 977} us`
      ),
      new Utf8()
    ),
    properties: bags(start, rows),
  };
}

function hydratedLogEntries(start: number, rows: number): Record<string, unknown> {
  const texts = Object.entries(logEntries(start, rows)).map(([name, column]) => {
    const vector = column as ReturnType<typeof words>;
    const isWord = vector.type instanceof Dictionary && name !== 'properties';
    return [name, isWord ? vectorFromArray([...vector], new Utf8()) : column] as const;
  });
  return {
    ...Object.fromEntries(texts),
    properties: vectorFromArray(
      Array.from({ length: rows }, (_, row) => bag(start + row)),
      new Binary()
    ),
  };
}

const points = (start: number, rows: number) => ({
  time: times(start, rows, (row) => row),
  value: floats(start, rows, (row) => row % 1000),
});
const series = (start: number, rows: number) => ({
  time: times(start, rows, (row) => Math.floor(row / 20) * 1000),
  name: words(start, rows, (row) => `host-${row % 20}`),
  value: floats(start, rows, (row) => row % 997),
});

const CASES: Case[] = [
  { name: 'few points as table', rows: 1000, format: 'table', batch: points },
  { name: 'points as table', rows: 1_000_000, format: 'table', batch: points },
  { name: 'points as time series', rows: 1_000_000, format: 'time_series', batch: points },
  { name: 'series, long to wide', rows: 200_000, format: 'time_series', batch: series },
  { name: 'log_entries as table, dictionaries', rows: 200_000, format: 'table', batch: logEntries },
  { name: 'log_entries as table, plain', rows: 200_000, format: 'table', batch: hydratedLogEntries },
  { name: 'log_entries as logs, dictionaries', rows: 200_000, format: 'logs', batch: logEntries },
  { name: 'log_entries as logs, plain', rows: 200_000, format: 'logs', batch: hydratedLogEntries },
];

/** Each batch as a stream of its own without its schema, so that dictionaries are replaced as servers do it. */
function messages({ rows, batch }: Case): IpcMessage[] {
  const all: IpcMessage[] = [];
  let schema: Table['schema'] | undefined;
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const table = new Table(batch(start, Math.min(BATCH_ROWS, rows - start)) as never);
    // Dictionary ids belong to the first batch's schema: later batches take it over.
    schema ??= table.schema;
    const own = table.batches.map((part) => new RecordBatch(schema ?? part.schema, renumbered(part, schema)));
    const [head, ...rest] = messagesOf(own);
    all.push(...(start === 0 && head !== undefined ? [head] : []), ...rest);
  }
  return all;
}

function renumbered(part: RecordBatch, schema: Table['schema'] | undefined): RecordBatch['data'] {
  part.data.children.forEach((child, index) => {
    const type: unknown = schema?.fields[index]?.type;
    if (type instanceof Dictionary && child.type instanceof Dictionary) {
      Object.assign(child.type, { id: type.id });
    }
  });
  return part.data;
}

async function run(test: Case, rounds: number): Promise<void> {
  const input = messages(test);
  const timesMs: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const built = await buildFrames(stream(input), { ...OPTIONS, format: test.format, maxRows: Infinity });
    timesMs.push(performance.now() - start);
    bytes = built.bytes;
  }
  const best = Math.min(...timesMs);
  const perSecond = (test.rows / best / 1000).toFixed(2);
  console.log(
    `${test.name.padEnd(36)} ${String(test.rows).padStart(8)} rows  first ${timesMs[0]?.toFixed(0).padStart(5)} ms  ` +
      `best ${best.toFixed(1).padStart(7)} ms  ${perSecond.padStart(8)} M rows/s  ${(bytes / 1e6).toFixed(1)} MB`
  );
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 5);
  for (const test of CASES) {
    await run(test, rounds);
  }
}

void main();
