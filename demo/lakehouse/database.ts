/**
 * The DuckDB instance of the demo: in memory, without access to files or extensions, and with locked settings.
 *
 * Each query has its own connection and its own read-only transaction, like the session per query in Micromegas.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { lakeFunctions } from './lake-functions';
import { instanceViews } from './lake-instances';
import { lakeSchema } from './lake-schema';
import { type TimeRange } from './query-headers';
import { STORY_MS } from './story';
import { Telemetry } from './telemetry';

/** `integer_division` and the order of nulls are set as in DataFusion. */
const SETTINGS = [
  `SET GLOBAL TimeZone = 'UTC'`,
  'SET GLOBAL integer_division = true',
  `SET GLOBAL default_null_order = 'nulls_last_on_asc_first_on_desc'`,
  'SET GLOBAL preserve_identifier_case = false',
];

const LOCKS = [
  'SET GLOBAL autoinstall_known_extensions = false',
  'SET GLOBAL autoload_known_extensions = false',
  'SET GLOBAL enable_external_access = false',
  'SET GLOBAL lock_configuration = true',
];

export class Database {
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #startMs: number;
  #instanceViews: Promise<void> | undefined;

  private constructor(
    instance: DuckDBInstance,
    writer: DuckDBConnection,
    readonly telemetry: Telemetry,
    startMs: number
  ) {
    this.#instance = instance;
    this.#writer = writer;
    this.#startMs = startMs;
  }

  /** @param startMs Start of the demo, in milliseconds since 1970. */
  static async open(startMs: number): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const writer = await instance.connect();
    for (const setting of SETTINGS) {
      await writer.run(setting);
    }
    await runAll(writer, lakeSchema(lakeFunctions()));
    for (const lock of LOCKS) {
      await writer.run(lock);
    }
    return new Database(instance, writer, await Telemetry.create(writer, startMs), startMs);
  }

  /** A connection that sees the rows of `range`, or all rows. The caller closes it. */
  async connect(nowMs: number, range: TimeRange | undefined): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    const beginUs = (this.#startMs - STORY_MS) * 1000;
    await setVariable(connection, 'query_now_us', BigInt(Math.round(nowMs * 1000)));
    await setVariable(connection, 'lake_begin_us', BigInt(Math.round(beginUs)));
    if (range !== undefined) {
      await setVariable(connection, 'range_begin_us', range.beginUs);
      await setVariable(connection, 'range_end_us', range.endUs);
    }
    await connection.run('BEGIN TRANSACTION READ ONLY');
    return connection;
  }

  /**
   * Creates the macros for `view_instance`, `process_spans` and `perfetto_trace_chunks` when the first query needs
   * them. Connections that were opened before do not see these macros.
   */
  addInstanceViews(): Promise<void> {
    this.#instanceViews ??= this.#createInstanceViews();
    return this.#instanceViews;
  }

  async #createInstanceViews(): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      await runAll(connection, instanceViews());
    } finally {
      connection.closeSync();
    }
  }

  /**
   * True if the table has a row with this id. Queries name a stream for the spans of a thread, and a process for all
   * other views.
   */
  async knows(table: 'process' | 'stream', id: string): Promise<boolean> {
    const reader = await this.#writer.runAndReadAll(`SELECT 1 FROM lake.${table} WHERE ${table}_id = $id`, { id });
    return reader.currentRowCount > 0;
  }

  async close(): Promise<void> {
    await this.telemetry.settled();
    this.#writer.closeSync();
    this.#instance.closeSync();
  }
}

async function runAll(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql);
  for (let index = 0; index < statements.count; index += 1) {
    await (await statements.prepare(index)).run();
  }
}

async function setVariable(connection: DuckDBConnection, name: string, value: bigint): Promise<void> {
  await connection.run(`SET VARIABLE ${name} = ${value}::BIGINT`);
}
