/**
 * Tests telemetry values that were chosen to have equal hashes. A response with them must take about as long as a
 * response with other values.
 *
 * If a hash table compared each value with all values before it, each of these responses would take minutes, and Jest's
 * timeout would fail the test.
 */
import { Binary, Table, TimestampNanosecond, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { type QueryFormat } from '../../contract/result-format';
import { encodeJsonb } from '../../demo/lakehouse/jsonb';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { collidingStrings, fnvState } from '../../proxy/frames/arrow-ipc/testing/colliding-strings';
import { columnOf, messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { collidingTimes } from '../../proxy/frames/data-frames/testing/colliding-times';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { onlyFrame } from '../support/frames';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';

/** 17 pairs give 2^17 values. Comparing each value with all previous values would take 8.6 billion comparisons. */
const PAIRS = 17;
const ROWS = 2 ** PAIRS;
const START_NS = 1_760_000_000_000_000_000n;

const times = (values: readonly bigint[]): Vector =>
  columnOf(new TimestampNanosecond('+00:00'), BigInt64Array.from(values));
const steps = () => times(Array.from({ length: ROWS }, (_, row) => START_NS + BigInt(row)));

/**
 * Strings as JSONB. The hash of a string covers the characters, and the eight bytes before them, which are equal for
 * all strings.
 */
function collidingJsonb(): Uint8Array[] {
  const [example] = collidingStrings(PAIRS);
  const before = fnvState(encodeJsonb(example).subarray(0, 8));
  return collidingStrings(PAIRS, before).map((value) => encodeJsonb(value));
}

const tables = () => ({
  'labels of logs': new Table({
    time: steps(),
    msg: vectorFromArray(Array<string>(ROWS).fill('hello'), new Utf8()),
    target: vectorFromArray(collidingStrings(PAIRS), new Utf8()),
  }),
  'JSONB values': new Table({ properties: vectorFromArray(collidingJsonb(), new Binary()) }),
  'binary values': new Table({
    id: vectorFromArray(
      collidingStrings(PAIRS).map((value) => Buffer.from(value)),
      new Binary()
    ),
  }),
  'times of a series': new Table({
    time: times(collidingTimes(ROWS * 2, START_NS)),
    value: vectorFromArray(Float64Array.from({ length: ROWS * 2 }, (_, row) => row)),
  }),
});

let server: TestServer;
let plugin: PluginProcess;
let source: Source;

beforeAll(async () => {
  const responses = new Map(
    Object.entries(tables()).map(([name, table]) => [
      name,
      messagesOf(table).map(({ header, body }) => flightData(header, body)),
    ])
  );
  server = await startFlightServer({
    doGet: (sql, call) => finish(call, ...(responses.get(sql.replace(/^SELECT /, '')) ?? [])),
  });
  plugin = await startBuiltPlugin();
  source = { jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none', maxRows: 1e9 } };
}, 120_000);

afterAll(async () => {
  await plugin?.shutdown();
  server?.kill();
});

async function ask(query: string, format: QueryFormat = 'table') {
  const response = await runQuery(plugin, source, {
    query: `SELECT ${query}`,
    format,
    version: 2,
    timeFilter: false,
    autoLimit: false,
  });
  return onlyFrame(response);
}

it('shows logs whose labels have equal hashes', async () => {
  const frame = await ask('labels of logs', 'logs');
  expect(frame.rowCount).toBe(ROWS);
  const labels = new Set(frame.column('labels').map((value) => JSON.stringify(value)));
  expect(labels.size).toBe(ROWS);
});

it.each(['JSONB values', 'binary values'])('shows %s with equal hashes', async (query) => {
  const frame = await ask(query);
  const [column] = Object.keys(frame.types);
  expect(new Set(frame.column(column).map(String)).size).toBe(ROWS);
});

it('shows a series whose times have equal hashes', async () => {
  const frame = await ask('times of a series', 'time_series');
  expect(frame.rowCount).toBe(ROWS * 2);
  expect(frame.column('value').at(-1)).toBe(ROWS * 2 - 1);
});
