/**
 * A real Micromegas with the layout of a server that has received telemetry for hours: one file for each past hour, and
 * one file for each minute of the current hour.
 *
 * The telemetry of these hours is sent within minutes. A trigger in the server's Postgres moves the arrival times of
 * the blocks into the past. The server's daemon processes only blocks that arrived recently, so it ignores these
 * blocks. `makeFiles` creates their files afterwards. The benchmark cannot add the trigger if the server was started
 * elsewhere. Such a server keeps the lines in a few files, each with lines of different hours.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { TestClient } from '../../demo/lakehouse/test-client';
import { type MicromegasOrigin } from '../../tests/conformance/micromegas-origin';
import { startOpenMicromegas } from '../../tests/conformance/micromegas-server';

export interface Lake {
  /** `host:port` of Flight SQL. */
  flight: string;
  ingestion: string;
  /** Undefined if the server requires no sign-in. */
  apiKey: string | undefined;
  /** Id of the server's process. Undefined if the server was started elsewhere. */
  pid: number | undefined;
  client: TestClient;
  /** Makes the files of the telemetry between two times, in milliseconds since 1970. */
  makeFiles(fromMs: number, toMs: number): Promise<void>;
  /** The layout is read from the Postgres of the server. So it is empty if the server was started elsewhere. */
  layout(): Promise<LayoutRow[]>;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Views in the order of their dependencies: a view reads only earlier views. */
const VIEWS = ['blocks', 'log_entries', 'measures', 'log_stats'];

const ARRIVAL_TRIGGER = `
CREATE FUNCTION bench_arrival() RETURNS trigger AS $$
BEGIN
  IF NEW.end_time < now() - interval '1 minute' THEN NEW.insert_time := NEW.end_time + interval '1 second'; END IF;
  RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER bench_arrival BEFORE INSERT ON blocks FOR EACH ROW EXECUTE FUNCTION bench_arrival();`;

const LAYOUT = `
SELECT coalesce(json_agg(found), '[]') FROM (
SELECT view_set_name AS "table", count(*) AS files, sum(num_rows) AS rows, sum(file_size) AS bytes,
  round(max(extract(epoch FROM max_event_time - min_event_time)) / 60, 1) AS longest_minutes
FROM lakehouse_partitions WHERE view_set_name IN ('log_entries', 'measures') AND view_instance_id = 'global'
GROUP BY 1 ORDER BY 1) AS found`;

const layoutRow = z.object({
  table: z.string(),
  files: z.number(),
  rows: z.number(),
  bytes: z.number(),
  longest_minutes: z.number(),
});

/** The files of a table: their number, rows and bytes, and the longest time range of one file. */
export type LayoutRow = z.infer<typeof layoutRow>;

/** @param origin A start script or a running server. */
export async function openLake(origin: MicromegasOrigin): Promise<Lake> {
  if (origin.kind === 'image') {
    throw new Error('The benchmark uses a running server or a start script, not an image.');
  }
  if (origin.kind === 'running') {
    const { flight, ingestion, apiKey } = origin;
    const client = new TestClient(flight, { authorization: `Bearer ${apiKey}` });
    return {
      flight,
      ingestion,
      apiKey,
      pid: undefined,
      client,
      makeFiles: () => Promise.resolve(),
      layout: () => Promise.resolve([]),
      stop: () => Promise.resolve(client.close()),
    };
  }
  const server = await startOpenMicromegas(origin);
  const folder = dirname(server.objects);
  const client = new TestClient(server.flight);
  runSql(folder, ARRIVAL_TRIGGER);
  return {
    flight: server.flight,
    ingestion: server.ingestion,
    apiKey: undefined,
    pid: pidOf(server.objects),
    client,
    makeFiles: (fromMs, toMs) => makeFiles(client, fromMs, toMs),
    layout: () => Promise.resolve(z.array(layoutRow).parse(JSON.parse(runSql(folder, LAYOUT)))),
    stop: async () => {
      client.close();
      await server.stop();
    },
  };
}

/** Runs SQL in the Postgres of the server. @returns What psql prints. */
function runSql(folder: string, sql: string): string {
  const [program = 'psql'] = globSync('/usr/lib/postgresql/*/bin/psql').reverse();
  const options = ['-h', join(folder, 'postgres'), '-U', 'micromegas', '-qtA', '-v', 'ON_ERROR_STOP=1'];
  return execFileSync(program, [...options, '-c', sql, 'micromegas'], { encoding: 'utf8' });
}

/** The id of the server's process: only its environment contains the path `objects`. */
function pidOf(objects: string): number {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (
        readFileSync(join('/proc', name, 'environ'), 'latin1').includes(
          `MICROMEGAS_OBJECT_STORE_URI=file://${objects}\0`
        )
      ) {
        return Number(name);
      }
    } catch {
      // The process has ended, or belongs to another user.
    }
  }
  throw new Error('The process of the server was not found.');
}

async function makeFiles(client: TestClient, fromMs: number, toMs: number): Promise<void> {
  const hour = Math.floor(toMs / HOUR_MS) * HOUR_MS;
  const begin = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
  const ranges = [
    { fromMs: begin, toMs: hour, seconds: 3600 },
    { fromMs: hour, toMs: Math.floor(toMs / 60_000) * 60_000, seconds: 60 },
  ];
  for (const view of VIEWS) {
    for (const range of ranges.filter(({ fromMs: start, toMs: end }) => end > start)) {
      const [start, end] = [range.fromMs, range.toMs].map((ms) => `TIMESTAMP '${new Date(ms).toISOString()}'`);
      await client.query(`SELECT * FROM materialize_partitions('${view}', ${start}, ${end}, ${range.seconds})`);
    }
  }
}
