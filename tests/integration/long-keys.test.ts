/**
 * Results with thousands of long strings. V8 hashes strings of more than 16,383 characters by their length only, so maps with such keys take
 * quadratic time. Results with strings of 17,000 characters take about as long as those with strings of 16,000 characters.
 */
import { Binary, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type MicromegasQueryFields } from '../../contract/query';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/data-frames/testing/arrow-messages';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/flight-sql/testing/flight-test-server';
import {
  callRows,
  FROM_MS,
  longText,
  objects,
  peerRows,
  PROCESS,
  processRows,
  spanRows,
  streamRows,
  texts,
} from '../support/lake-rows';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const ROWS = 3000;
const RANGE = { fromMs: FROM_MS, toMs: FROM_MS + 60_000 };

/** An answer to `GetTables`: each table has one column. */
function tableRows(nameOf: (row: number) => string): Table {
  const [{ header }] = messagesOf(new Table({ n: vectorFromArray(['1'], new Utf8()) }));
  const schema = Buffer.concat([Buffer.alloc(8), header]);
  schema.writeUInt32LE(0xffffffff, 0);
  schema.writeUInt32LE(header.length, 4);
  return new Table({
    table_name: texts(ROWS, nameOf),
    table_schema: vectorFromArray(Array<Uint8Array>(ROWS).fill(schema), new Binary()),
  });
}

interface Attack {
  model: MicromegasQueryFields;
  /** Statements with this text get the prepared processes or streams. */
  first: { sql: string; rows: Table };
  /** The rows of all other statements. */
  rows: (nameOf: (row: number) => string) => Table;
}

const PROCESSES = { sql: 'FROM streams s', rows: processRows() };
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
    rows: (nameOf) => spanRows(ROWS, { span_id: texts(ROWS, nameOf) }),
  },
  'the attributes of spans': {
    model: { queryType: 'traces', traces: { view: 'trace', traceId: 'a'.repeat(32) } },
    first: PROCESSES,
    rows: (nameOf) => spanRows(ROWS, { properties: objects(ROWS, nameOf) }),
  },
  'a flame graph': {
    model: { queryType: 'profile', profile: { view: 'flame-graph', processId: PROCESS } },
    first: STREAMS,
    rows: (nameOf) => callRows(ROWS, { name: texts(ROWS, nameOf) }),
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
let answer: (sql: string) => Buffer[];

beforeAll(async () => {
  server = await startFlightServer({ doGet: (sql, call) => finish(call, ...answer(sql)) });
  source = { jsonData: { host: `127.0.0.1:${server.port}`, secure: false, selectedAuthType: 'none' } };
});

afterAll(() => server?.kill());

/** The milliseconds that an attack takes in a new process. */
async function msOf({ model, first, rows }: Attack, characters: number): Promise<number> {
  const [firstRows, otherRows] = [flight(first.rows), flight(rows((row) => longText(characters, row)))];
  answer = (sql) => (sql.includes(first.sql) ? firstRows : otherRows);
  plugin = await startBuiltPlugin();
  try {
    const startedMs = performance.now();
    const { status, error } = await runQuery(plugin, source, { query: '', ...model }, { range: RANGE });
    const ms = performance.now() - startedMs;
    expect({ status, error }).toEqual({ status: 200, error: '' });
    return ms;
  } finally {
    await plugin.shutdown();
  }
}

it.each(Object.keys(attacks))('reads %s in linear time', async (name) => {
  const short = await msOf(attacks[name], 16_000);
  const long = await msOf(attacks[name], 17_000);
  expect(long / short).toBeLessThan(4);
});
