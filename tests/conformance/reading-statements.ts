/**
 * Checks that a viewer cannot change a real Micromegas through the plugin. The data source has the rights of an
 * administrator of the lakehouse, because the server requires no sign-in.
 *
 * Statements that write are sent through the plugin, which rejects them. In addition, 20,000 randomly damaged
 * statements go through the plugin's check, and the accepted ones are sent directly to the server. The checks pass if
 * no file was written, and tables, rows, settings and denied queries are unchanged.
 *
 * `STATEMENT_SEED` sets the seed, `STATEMENT_COUNT` the number of statements.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ProxyError } from '../../proxy/base/errors/proxy-error';
import { callWith, clientOf, endAll, type TestClient } from '../../proxy/lakehouse/flight-sql/testing/test-client';
import { callAttacks, statementAttacks } from '../support/attack-statements';
import { codeOf } from '../support/error-code';
import { eventually } from '../support/eventually';
import { readFrames } from '../support/frames';
import { ADA, dataQuery, pluginContext, runQuery, type Source } from '../support/plugin';
import { StatementMutations } from '../support/statement-mutations';
import { type Checklist } from './checklist';
import { type OpenMicromegas } from './micromegas-server';
import { SENT, sendTelemetry } from './otlp';
import { APPEARS_WITHIN_MS } from './real-micromegas';

const SEED = Number(process.env.STATEMENT_SEED ?? 1);
const STATEMENTS = Number(process.env.STATEMENT_COUNT ?? 20_000);

/** Maximum number of statements that run on the server at the same time. */
const CONCURRENCY = 16;
const STATEMENT_TIMEOUT_MS = 2000;
/** Number of queries in one request to the plugin. */
const QUERIES = 100;
/** Maximum number of statements in the message of a failed check. */
const MAX_LISTED = 10;

/** Reads the state that the attacks would change. Only an administrator can run the first statement. */
const STATE: Readonly<Record<string, string>> = {
  'denied queries': 'SELECT count(*) AS n FROM list_query_denials()',
  tables: `SELECT table_schema, table_name, table_type FROM information_schema.tables ORDER BY 1, 2`,
  settings: `SELECT name, value FROM information_schema.df_settings ORDER BY 1`,
  'log lines': `SELECT time, msg FROM log_entries WHERE exe = '${SENT.exe}' ORDER BY 1, 2`,
  measures: `SELECT time, name, value FROM measures WHERE exe = '${SENT.exe}' ORDER BY 1, 2`,
  processes: `SELECT process_id, exe FROM processes WHERE exe = '${SENT.exe}' ORDER BY 1`,
  blocks: `SELECT block_id, "streams.format" FROM blocks WHERE "processes.exe" = '${SENT.exe}' ORDER BY 1`,
};

/** The formats of the blocks of `sendTelemetry`. The check waits for all, because blocks arrive one after the other. */
const SENT_FORMATS = ['otlp/v1/logs', 'otlp/v1/metrics', 'otlp/v1/traces'];
/** Numbers of rows when all telemetry has arrived. The other statements of `STATE` then return at least one row. */
const SENT_ROWS: Readonly<Record<string, number>> = { 'log lines': SENT.logs.length, measures: 2 };

interface Attacked {
  plugin: PluginProcess;
  source: Source;
  /** Folder of the server's object store. */
  objects: string;
  /** A folder that the server may write to. */
  folder: string;
}

/** The number of rows. A result without rows is empty; other results have a list of values for each column. */
function rowCount([first]: readonly unknown[]): number {
  return Array.isArray(first) ? first.length : 0;
}

/** The content of the lakehouse, and all files in folders to which an attack would write. */
async function stateOf({ plugin, source, objects, folder }: Attacked): Promise<Record<string, readonly unknown[]>> {
  const state: Record<string, readonly unknown[]> = {};
  for (const [name, query] of Object.entries(STATE)) {
    const response = await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false });
    assert.equal(response.error, '');
    // A result without rows has no frame.
    state[name] = readFrames(response).flatMap((frame) =>
      Object.keys(frame.types).map((column) => frame.column(column).map(String))
    );
  }
  // The folders are read last, because the queries above may create files: the server creates `views` when it
  // materializes the first rows.
  state.files = readdirSync(folder, { recursive: true });
  state.objects = readdirSync(objects).sort();
  return state;
}

/** The attacks that the plugin does not reject with `statement_not_allowed`. */
async function sentByPlugin({ plugin, source }: Attacked, attacks: readonly string[]): Promise<string[]> {
  const sent: string[] = [];
  for (let start = 0; start < attacks.length; start += QUERIES) {
    const part = attacks.slice(start, start + QUERIES);
    const queries = part.map((query, index) =>
      dataQuery(String(index), { query, version: 2, timeFilter: false, autoLimit: false })
    );
    const { responses } = await plugin.queryData({ pluginContext: pluginContext(source), queries });
    sent.push(...part.filter((_, index) => codeOf(responses[String(index)]?.error ?? '') !== 'statement_not_allowed'));
  }
  return sent;
}

interface Tally {
  accepted: number;
  /** Number of statements that the server completed. */
  ran: number;
}

/** Sends a statement if the plugin's check accepts it. */
async function trySending(client: TestClient, sql: string, tally: Tally): Promise<void> {
  const signal = AbortSignal.timeout(STATEMENT_TIMEOUT_MS);
  try {
    const messages = client.execute(sql, callWith({ signal, timeoutMs: STATEMENT_TIMEOUT_MS, limit: 10 }));
    tally.accepted++;
    for await (const message of messages) {
      void message;
    }
    tally.ran++;
  } catch (reason) {
    assert.ok(reason instanceof ProxyError, String(reason));
  }
}

async function sendMutations(client: TestClient, attacks: readonly StatementMutations[]): Promise<Tally> {
  const tally: Tally = { accepted: 0, ran: 0 };
  let left = STATEMENTS;
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      await trySending(client, attacks[left % attacks.length].next(), tally);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  return tally;
}

export async function checkReadingStatements(
  list: Checklist,
  plugin: PluginProcess,
  { flight, ingestion, objects }: OpenMicromegas,
  say: (line: string) => void
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'statements-'));
  chmodSync(folder, 0o777);
  const jsonData = { host: flight, selectedAuthType: 'none' } as const;
  const attacked: Attacked = { plugin, source: { uid: 'attacked', user: ADA, jsonData }, objects, folder };
  const files = [join(folder, 'file.csv'), 'obj://lakehouse/file.csv'];
  let before: Record<string, readonly unknown[]> = {};
  try {
    await list.check('reading statements: an administrator reads the lake', async () => {
      await sendTelemetry(ingestion);
      before = await eventually('The telemetry', APPEARS_WITHIN_MS, async () => {
        const state = await stateOf(attacked);
        const isComplete = (name: string): boolean => rowCount(state[name]) >= (SENT_ROWS[name] ?? 1);
        const formats = state.blocks.flat();
        const hasSignals = SENT_FORMATS.every((format) => formats.includes(format));
        return hasSignals && Object.keys(STATE).every(isComplete) ? state : undefined;
      });
    });
    await list.check('reading statements: the plugin rejects every statement that writes', async () => {
      const attacks = [...files.flatMap(statementAttacks), ...callAttacks()];
      const sent = await sentByPlugin(attacked, attacks);
      assert.deepEqual(sent.slice(0, MAX_LISTED), [], `${sent.length} of ${attacks.length} were sent`);
      assert.deepEqual(await stateOf(attacked), before);
    });
    await list.check(
      `reading statements: of ${STATEMENTS} damaged statements, those that the plugin accepts change nothing (seed ${SEED})`,
      async () => {
        const client = clientOf(Number(flight.split(':').at(-1)));
        const { accepted, ran } = await sendMutations(
          client,
          files.map((file, index) => new StatementMutations(SEED + index, file))
        );
        say(`  ${accepted} accepted, of which the server ran ${ran}`);
        assert.ok(ran > STATEMENTS / 500, `only ${ran} ran`);
        assert.deepEqual(await stateOf(attacked), before);
      }
    );
  } finally {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}
