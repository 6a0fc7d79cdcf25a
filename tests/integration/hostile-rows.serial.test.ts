/**
 * Tests hostile results, which an untrusted server or untrusted telemetry may cause.
 *
 * Long strings: V8 hashes strings of more than 16,383 characters by their length only, so maps with such keys take
 * quadratic time. Results with strings of 17,000 characters must take about as long as results with strings of 16,000
 * characters.
 */
import { Binary, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import {
  callRows,
  FROM_MS,
  longString,
  peerRows,
  PROCESS,
  processRows,
  shared,
  spanRows,
  streamRows,
  strings,
} from '../support/lake-rows';
import { codeOf } from '../support/error-code';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const ROWS = 1000;
const RANGE = { fromMs: FROM_MS, toMs: FROM_MS + 60_000 };

/** A response to `GetTables`: each table has one column. */
function tableRows(nameOf: (row: number) => string): Table {
  const [{ header }] = messagesOf(new Table({ n: vectorFromArray(['1'], new Utf8()) }));
  const schema = Buffer.concat([Buffer.alloc(8), header]);
  schema.writeUInt32LE(0xffffffff, 0);
  schema.writeUInt32LE(header.length, 4);
  return new Table({
    table_name: strings(ROWS, nameOf),
    table_schema: vectorFromArray(Array<Uint8Array>(ROWS).fill(schema), new Binary()),
  });
}

interface Attack {
  model: MicromegasQueryFields;
  /** Statements that contain this string get the prepared processes or streams. */
  first: { sql: string; rows: Table };
  /** The rows of all other statements. */
  rows: (nameOf: (row: number) => string) => Table;
}

const PROCESSES = { sql: 'FROM blocks', rows: processRows() };
const STREAMS = { sql: 'FROM streams', rows: streamRows() };
const FILTER = { key: 'n', operator: '=', value: '1' } as const;

const attacks: Readonly<Record<string, Attack>> = {
  'a map of services': {
    model: { queryType: 'traces', traces: { view: 'service-map' } },
    first: PROCESSES,
    rows: (nameOf) => peerRows(ROWS, nameOf),
  },
  'a trace': {
    model: { queryType: 'traces', traces: { view: 'trace', traceId: 'a'.repeat(32) } },
    first: PROCESSES,
    rows: (nameOf) => spanRows(ROWS, { span_id: strings(ROWS, nameOf) }),
  },
  'a flame graph': {
    model: { queryType: 'profile', profile: { view: 'flame-graph', processId: PROCESS } },
    first: STREAMS,
    rows: (nameOf) => callRows(ROWS, { name: strings(ROWS, nameOf) }),
  },
  'the list of tables': {
    model: { query: 'SELECT * FROM t', version: 2, filters: [FILTER] },
    first: STREAMS,
    rows: tableRows,
  },
};

const flight = (table: Table) => messagesOf(table).map(({ header, body }) => flightData(header, body));

let server: TestServer;
let plugin: PluginProcess;
let source: Source;
let messagesFor: (sql: string) => Buffer[];

beforeAll(async () => {
  server = await startFlightServer({ doGet: (sql, call) => finish(call, ...messagesFor(sql)) });
  plugin = await startBuiltPlugin();
  source = { jsonData: { host: `127.0.0.1:${server.port}`, secure: false, selectedAuthType: 'none' } };
});

afterAll(async () => {
  await plugin?.shutdown();
  server?.kill();
});

/** The milliseconds that the backend takes for a result with strings of this length. */
async function msOf({ model, first, rows }: Attack, characters: number): Promise<number> {
  const [firstRows, otherRows] = [flight(first.rows), flight(rows((row) => longString(characters, row)))];
  messagesFor = (sql) => (sql.includes(first.sql) ? firstRows : otherRows);
  const startedMs = performance.now();
  // Changed settings prevent the use of a cached list of tables.
  const { status, error } = await runQuery(
    plugin,
    { ...source, updatedMs: characters },
    { query: '', ...model },
    { range: RANGE }
  );
  const ms = performance.now() - startedMs;
  expect({ status, error }).toEqual({ status: 200, error: '' });
  return ms;
}

it.each(Object.keys(attacks))('reads %s about as fast with strings of 17,000 as of 16,000 characters', async (name) => {
  const short = await msOf(attacks[name], 16_000);
  const long = await msOf(attacks[name], 17_000);
  expect(long / short).toBeLessThan(4);
});

describe('ids that are not UUIDs', () => {
  const LONG_ID = 'x'.repeat(5_000_000);

  const idAttacks: Array<Omit<Attack, 'rows'> & { name: string; rows: Table }> = [
    {
      name: 'of streams in a timeline',
      model: { queryType: 'profile', profile: { view: 'timeline', processId: PROCESS, spans: ['thread'] } },
      first: STREAMS,
      rows: callRows(10_001, { stream_id: shared(10_001, LONG_ID) }),
    },
    {
      name: 'of processes in a trace',
      model: attacks['a trace'].model,
      first: { sql: 'FROM blocks', rows: processRows({ process_id: shared(1, LONG_ID) }) },
      rows: spanRows(0),
    },
  ];

  it.each(idAttacks)('$name are rejected as malformed', async ({ model, first, rows }) => {
    const [firstRows, otherRows] = [flight(first.rows), flight(rows)];
    const sent: string[] = [];
    messagesFor = (sql) => {
      sent.push(sql);
      return sql.includes(first.sql) ? firstRows : otherRows;
    };
    const response = await runQuery(plugin, source, { query: '', ...model }, { range: RANGE });
    expect([response.status, codeOf(response.error)]).toEqual([502, 'result_malformed']);
    expect(Math.max(...sent.map((sql) => sql.length))).toBeLessThan(10_000);
  });
});
