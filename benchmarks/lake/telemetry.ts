/**
 * Telemetry like that of several programs that run for hours. Each request with past telemetry contains 20 seconds of
 * one program.
 */
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { logsRequest, measuresRequest, type Sender } from './otlp';

/** One of `RARE_EVERY` lines contains the rare string. About four of ten lines contain the frequent string. */
export const RARE_MESSAGE = 'checksum mismatch';
export const FREQUENT_MESSAGE = 'request';
const RARE_EVERY = 200_000;

const MS_TO_NS = 1_000_000n;
const FLUSH_MS = 20_000;
const LINES_PER_MEASURE = 5;
const REQUESTS_IN_FLIGHT = 8;
/**
 * The target of the lines. Queries filter by the target, because the server's own log lines contain the SQL of queries,
 * and therefore the rare or the frequent string.
 */
export const TARGET = 'bench.http';
const MEASURES = ['frame time', 'queue time', 'response time', 'gc pause'];

const SENDERS = Array.from({ length: 8 }, (_none, index): Sender => ({
  name: `service-${index}`,
  instance: `instance-${index}`,
  host: `host-${index % 4}`,
}));

export interface TelemetryOptions {
  /** Base URL of OTLP ingestion. */
  ingestion: string;
  /** Milliseconds since 1970. */
  fromMs: number;
  toMs: number;
  /** Number of lines of all programs in this time. There is about one measure for every five lines. */
  lines: number;
}

/** The server did not accept telemetry. */
class RejectedTelemetryError extends Error {
  override readonly name = 'RejectedTelemetryError';
}

async function post(url: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body });
  if (!response.ok) {
    throw new RejectedTelemetryError(`${url}: ${response.status} ${await response.text()}`);
  }
  await response.arrayBuffer();
}

/** The message of a line. */
function messageAt(index: number, random: () => number): string {
  const id = Math.floor(random() * 2 ** 32).toString(16);
  if (index % RARE_EVERY === RARE_EVERY / 2) {
    return `${RARE_MESSAGE} in segment ${id}`;
  }
  const kind = random();
  return kind < 0.4
    ? `${FREQUENT_MESSAGE} ${id} GET /v1/items/${Math.floor(random() * 1e5)} 200 in ${(random() * 90).toFixed(1)} ms`
    : kind < 0.8
      ? `cache entry ${id} expired after ${Math.floor(random() * 600)} s`
      : `session ${id} of player ${Math.floor(random() * 1e4)} was saved to slot ${Math.floor(random() * 9)}`;
}

/** Sends the telemetry of all programs from `beginMs` to `endMs`. @returns The number of the next line. */
async function flush(options: TelemetryOptions, beginMs: number, endMs: number, firstLine: number): Promise<number> {
  const { ingestion, fromMs, toMs, lines } = options;
  const random = randomNumbers(firstLine + 1);
  const count = Math.round((lines * (endMs - fromMs)) / (toMs - fromMs)) - firstLine;
  const stepNs = ((endMs - beginMs) * 1e6) / Math.max(1, count);
  const timeOf = (index: number) => BigInt(beginMs) * MS_TO_NS + BigInt(Math.floor(index * stepNs));
  for (const [number, sender] of SENDERS.entries()) {
    const own = Array.from({ length: Math.ceil((count - number) / SENDERS.length) }, (_none, at) => ({
      timeNs: timeOf(at * SENDERS.length + number),
      severity: random() < 0.02 ? 17 : random() < 0.1 ? 13 : 9,
      body: messageAt(firstLine + at * SENDERS.length + number, random),
    }));
    const measures = own
      .filter((_line, at) => at % LINES_PER_MEASURE === 0)
      .map(({ timeNs }, at) => ({ timeNs, name: MEASURES[at % MEASURES.length] ?? '', value: random() * 100 }));
    if (own.length > 0) {
      await post(`${ingestion}/ingestion/otlp/v1/logs`, logsRequest(sender, TARGET, own));
      await post(`${ingestion}/ingestion/otlp/v1/metrics`, measuresRequest(sender, TARGET, measures));
    }
  }
  return firstLine + count;
}

/** Sends the telemetry of a time range in the past. */
export async function sendPast(options: TelemetryOptions): Promise<void> {
  const { fromMs, toMs, lines } = options;
  const flushes = Math.ceil((toMs - fromMs) / FLUSH_MS);
  const endOf = (index: number) => Math.min(toMs, fromMs + index * FLUSH_MS);
  let next = 0;
  const work = async () => {
    while (next < flushes) {
      const index = next++;
      const firstLine = Math.round((lines * (endOf(index) - fromMs)) / (toMs - fromMs));
      await flush(options, endOf(index), endOf(index + 1), firstLine);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT }, work));
}

/**
 * From `toMs` on, sends lines at the rate of the past lines until the returned function is called. If an overloaded
 * server rejects a request, all telemetry since the last complete flush is sent again a second later. The returned
 * function resolves with the number of rejections.
 */
export function sendFurther(options: TelemetryOptions): () => Promise<number> {
  const stopped = new AbortController();
  const work = async () => {
    let { toMs: beginMs } = options;
    let line = options.lines;
    let rejected = 0;
    while (!stopped.signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        stopped.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      });
      const endMs = Date.now();
      try {
        line = await flush(options, beginMs, endMs, line);
        beginMs = endMs;
      } catch (reason) {
        if (!(reason instanceof RejectedTelemetryError)) {
          throw reason;
        }
        rejected++;
      }
    }
    return rejected;
  };
  const done = work();
  return () => {
    stopped.abort();
    return done;
  };
}
