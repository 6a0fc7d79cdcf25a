/**
 * 20,000 changed results of a Flight server through the built plugin, as tables, logs and time series: whatever the plugin
 * answers with a frame, Grafana's decoder has to read, and turn into JSON. A frame that it rejects fails the whole answer;
 * one that makes it panic may end Grafana's server. The plugin has to go on, within a bound of memory.
 *
 * `MUTATED_SEED` repeats a run, `MUTATED_STREAMS` changes how many there are.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type PluginProcess, startPlugin } from '../../demo/plugin-host/plugin-process';
import { finish, flightData, startFlightServer } from '../../proxy/flight-sql/testing/flight-test-server';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { dataQuery, launcherPath, NODE_ENVIRONMENT, pluginContext, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { type BuildTool, type FrameDecoder, startFrameDecoder } from './frame-decoder';
import { baseStreams, mutatedStream } from './stream-mutations';

const STREAMS = Number(process.env.MUTATED_STREAMS ?? 20_000);
const SEED = Number(process.env.MUTATED_SEED ?? 1);

/** Queries of one request to the plugin. */
const QUERIES = 60;

/** Longest time for a request, on a busy machine. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_RESIDENT_BYTES = 600 * 1024 * 1024;

/** More are not listed. */
const MAX_LISTED = 10;

const INTERNAL = 'An unexpected error occurred in the data source.';

interface Tally {
  decoded: number;
  refused: number;
  /** Streams whose frame Grafana does not decode, or that the plugin knows no error for. */
  bad: string[];
}

const bases = baseStreams();

/** Stream n is of base n mod the number of bases; formats change with each round. */
function streamOf(number: number) {
  const base = bases[number % bases.length];
  assert.ok(base);
  const round = Math.floor(number / bases.length);
  return { base, format: base.formats[round % base.formats.length] ?? 'table' };
}

async function judge(number: number, answer: DataResponse | undefined, decoder: FrameDecoder, tally: Tally) {
  const { base, format } = streamOf(number);
  const bad = (what: string) => void tally.bad.push(`stream ${number} (${base.name}, ${format}): ${what}`);
  if (answer === undefined || answer.error.includes(INTERNAL)) {
    bad(answer?.error ?? 'no answer');
    return;
  }
  // A failed query has a frame too, with what it says.
  for (const frame of answer.frames) {
    const verdict = await decoder.decode(frame);
    if (verdict !== 'ok') {
      bad(verdict);
    }
  }
  tally[answer.error === '' ? 'decoded' : 'refused']++;
}

async function runStreams(plugin: PluginProcess, source: Source, decoder: FrameDecoder): Promise<Tally> {
  const tally: Tally = { decoded: 0, refused: 0, bad: [] };
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

/** The most memory that the process has had; undefined where the system does not say. */
function peakBytes(pid: number): number | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** @param tool Go, and the sources of the decoder. */
export async function checkMutatedStreams(
  list: Checklist,
  tool: BuildTool,
  say: (line: string) => void
): Promise<void> {
  const server = await startFlightServer({
    doGet: (sql, call) => {
      const number = Number(/SELECT (\d+)/.exec(sql)?.[1]);
      const messages = mutatedStream(streamOf(number).base, SEED, number);
      finish(call, ...messages.map(({ header, body }) => flightData(header, body)));
    },
  });
  // Without the search for secrets, which keeps every answer: there are none here.
  const plugin = await startPlugin({ executable: launcherPath(), env: NODE_ENVIRONMENT });
  const source: Source = {
    jsonData: { host: `127.0.0.1:${server.port}`, secure: false, selectedAuthType: 'none' },
  };
  let decoder: FrameDecoder | undefined;
  try {
    decoder = await startFrameDecoder(tool);
    const started = decoder;
    await list.check(`${STREAMS} changed streams of seed ${SEED}: Grafana decodes every frame`, async () => {
      const { decoded, refused, bad } = await runStreams(plugin, source, started);
      say(`  ${decoded} answered with rows, ${refused} refused, ${bad.length} bad`);
      const panics = bad.filter((line) => line.includes('panic')).length;
      assert.equal(bad.length, 0, `${bad.length} bad, ${panics} panics: ${bad.slice(0, MAX_LISTED).join('; ')}`);
      assert.ok(decoded > STREAMS / 10 && refused > STREAMS / 10, `${decoded} decoded, ${refused} refused`);
    });
    await list.check('the plugin goes on after changed streams, within its memory', async () => {
      await plugin.collectMetrics();
      const peak = peakBytes(plugin.pid) ?? 0;
      say(`  at most ${Math.round(peak / 1024 / 1024)} MiB`);
      assert.ok(peak < MAX_RESIDENT_BYTES, `${peak} bytes`);
    });
  } finally {
    decoder?.stop();
    await plugin.shutdown();
    server.kill();
  }
}
