/**
 * Sends 20,000 damaged results of a Flight server through the built plugin, as tables, logs and time series. Grafana's
 * decoder must read every frame that the plugin returns, because a rejected frame fails the whole response, and a panic
 * can end Grafana's server. The plugin must keep running, and its memory must stay below a limit.
 *
 * `MUTATED_SEED` sets the seed, `MUTATED_STREAMS` the number of results.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type PluginProcess, startPlugin } from '../../demo/plugin-host/plugin-process';
import { ERRORS } from '../../proxy/base/errors/catalogue';
import { finish, flightData, startFlightServer } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { dataQuery, launcherPath, NODE_ENVIRONMENT, pluginContext, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { GrafanaHost } from './grafana-host';
import { baseStreams, mutatedStream } from './stream-mutations';

const STREAMS = Number(process.env.MUTATED_STREAMS ?? 20_000);
const SEED = Number(process.env.MUTATED_SEED ?? 1);

/** Number of queries in one request to the plugin. */
const QUERIES = 60;

/** A request takes a few seconds on an idle machine. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_RESIDENT_BYTES = 600 * 1024 * 1024;

/** Maximum number of failed streams in the message of a failed check. */
const MAX_LISTED = 10;

const INTERNAL = ERRORS.internal.message;

interface Tally {
  /** Streams that the plugin returned as rows. */
  rows: number;
  /** Streams that the plugin rejected with an error of the catalogue. */
  rejected: number;
  /** Streams whose frame Grafana's decoder rejects, or for which the plugin reports an unexpected error. */
  bad: string[];
}

const bases = baseStreams();

/**
 * The base (the undamaged stream) and the format of the stream with this number. Consecutive numbers have different
 * bases. Each round over all bases uses the next format of each base.
 */
function streamOf(number: number) {
  const base = bases[number % bases.length];
  assert.ok(base);
  const round = Math.floor(number / bases.length);
  return { base, format: base.formats[round % base.formats.length] ?? 'table' };
}

async function judge(number: number, response: DataResponse | undefined, decoder: GrafanaHost, tally: Tally) {
  const { base, format } = streamOf(number);
  const bad = (what: string) => void tally.bad.push(`stream ${number} (${base.name}, ${format}): ${what}`);
  if (response === undefined || response.error.includes(INTERNAL)) {
    bad(response?.error ?? 'no response');
    return;
  }
  // The response of a failed query has a frame too, which contains the error.
  for (const frame of response.frames) {
    await decoder.decode(frame).catch((reason: unknown) => bad(String(reason)));
  }
  tally[response.error === '' ? 'rows' : 'rejected']++;
}

async function runStreams(plugin: PluginProcess, source: Source, decoder: GrafanaHost): Promise<Tally> {
  const tally: Tally = { rows: 0, rejected: 0, bad: [] };
  let judging: Promise<unknown> = Promise.resolve();
  for (let first = 0; first < STREAMS; first += QUERIES) {
    const numbers = Array.from({ length: Math.min(QUERIES, STREAMS - first) }, (_, index) => first + index);
    const { responses } = await plugin.queryData(
      {
        pluginContext: pluginContext(source),
        queries: numbers.map((number) =>
          dataQuery(`q${number}`, {
            query: `SELECT ${number}`,
            format: streamOf(number).format,
            version: 2,
            timeFilter: false,
            autoLimit: false,
          })
        ),
      },
      { timeoutMs: REQUEST_TIMEOUT_MS }
    );
    await judging;
    judging = Promise.all(numbers.map((number) => judge(number, responses[`q${number}`], decoder, tally)));
  }
  await judging;
  return tally;
}

/** Peak resident memory of a process; undefined if the system does not report it. */
function peakBytes(pid: number): number | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** @param program Path of grafana-host. */
export async function checkMutatedStreams(
  list: Checklist,
  program: string,
  say: (line: string) => void
): Promise<void> {
  const server = await startFlightServer({
    doGet: (sql, call) => {
      const number = Number(/SELECT (\d+)/.exec(sql)?.[1]);
      const messages = mutatedStream(streamOf(number).base, SEED, number);
      finish(call, ...messages.map(({ header, body }) => flightData(header, body)));
    },
  });
  // startBuiltPlugin would keep every response in memory to search it for secrets, and there are no secrets here.
  const plugin = await startPlugin({ executable: launcherPath(), env: NODE_ENVIRONMENT });
  const source: Source = {
    jsonData: { host: `127.0.0.1:${server.port}`, secure: false, selectedAuthType: 'none' },
  };
  const decoder = await GrafanaHost.startDecoder(program);
  try {
    await list.check(
      `mutations: Grafana decodes every frame of ${STREAMS} damaged streams (seed ${SEED})`,
      async () => {
        const { rows, rejected, bad } = await runStreams(plugin, source, decoder);
        say(`  ${rows} with rows, ${rejected} rejected, ${bad.length} bad`);
        const panics = bad.filter((line) => line.includes('panic')).length;
        assert.equal(bad.length, 0, `${bad.length} bad, ${panics} panics: ${bad.slice(0, MAX_LISTED).join('; ')}`);
        assert.ok(rows > STREAMS / 10 && rejected > STREAMS / 10, `${rows} with rows, ${rejected} rejected`);
      }
    );
    await list.check(
      `mutations: the plugin still responds, with less than ${MAX_RESIDENT_BYTES / 2 ** 20} MiB of memory`,
      async () => {
        await plugin.collectMetrics();
        const peak = peakBytes(plugin.pid) ?? 0;
        say(`  at most ${Math.round(peak / 1024 / 1024)} MiB`);
        assert.ok(peak < MAX_RESIDENT_BYTES, `${peak} bytes`);
      }
    );
  } finally {
    await decoder.end();
    await plugin.shutdown();
    server.kill();
  }
}
