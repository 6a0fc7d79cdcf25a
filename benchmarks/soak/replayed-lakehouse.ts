/**
 * A Flight server that asks the demo's lakehouse once for each statement, and answers repetitions from memory, so that
 * a run measures the backend and not DuckDB.
 */
import { startLakehouse } from '../../demo/lakehouse/lakehouse';
import { statementTicket, tablesCommand, TestClient } from '../../demo/lakehouse/test-client';
import {
  type DataCall,
  failCall,
  finish,
  flightData,
  startFlightServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';

export interface ReplayedLakehouse {
  /** `host:port`. Needs no sign-in. */
  host: string;
  /** The time of the newest telemetry, in milliseconds since 1970. */
  startMs: number;
  /** A process and a trace that have telemetry of all kinds, and a log line of the process. */
  ids: { process: string; trace: string; timeNs: string; msg: string };
  close(): Promise<void>;
}

export async function startReplayedLakehouse(): Promise<ReplayedLakehouse> {
  const lakehouse = await startLakehouse({ apiKeys: [], grow: false });
  const client = new TestClient(lakehouse.address);
  const known = new Map<string, Promise<Buffer[]>>();
  const ask = async (sql: string, headers: Record<string, string>): Promise<Buffer[]> => {
    const ticket =
      sql === 'tables'
        ? (await client.flightInfo(tablesCommand({ includeSchema: true }))).endpoint[0].ticket!.ticket
        : statementTicket(sql);
    return (await client.messages(ticket, headers)).map(({ dataHeader, dataBody }) => flightData(dataHeader, dataBody));
  };
  const relay = async (sql: string, call: DataCall): Promise<void> => {
    const names = Object.entries(call.metadata.getMap()).filter(([name]) => name.startsWith('query_'));
    const headers = Object.fromEntries(names.map(([name, value]) => [name, String(value)]));
    const key = JSON.stringify([sql, headers]);
    const messages = known.get(key) ?? ask(sql, headers);
    known.set(key, messages);
    finish(call, ...(await messages));
  };
  const server = await startFlightServer({
    doGet: (sql, call) =>
      void relay(sql, call).catch((reason: { code?: number; details?: string }) =>
        failCall(call, reason.code ?? 13, reason.details ?? String(reason))
      ),
  });
  return {
    host: `127.0.0.1:${server.port}`,
    startMs: lakehouse.startMs,
    ids: await readIds(client),
    async close() {
      server.kill();
      client.close();
      await lakehouse.close();
    },
  };
}

async function readIds(client: TestClient): Promise<ReplayedLakehouse['ids']> {
  const [found] = await client.rows(
    `SELECT property_get(properties, 'otel.trace_id') AS id FROM log_entries
     WHERE property_get(properties, 'otel.trace_id') IS NOT NULL ORDER BY time DESC LIMIT 1`
  );
  const [line] = await client.rows(
    `SELECT process_id, CAST(CAST(time AS BIGINT) AS VARCHAR) AS ns, msg FROM log_entries
     WHERE exe = 'ember-server' ORDER BY time DESC LIMIT 1`
  );
  return { trace: String(found.id), process: String(line.process_id), timeNs: String(line.ns), msg: String(line.msg) };
}
