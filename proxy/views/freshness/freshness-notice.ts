/**
 * The notice that says how far the data of a query are behind the end of the time range, or behind the time of the
 * query.
 */
import { type Notice } from '../../frames/data-frames/frame-options';
import { formatTime } from '../../frames/data-frames/format-time';
import { type ReadData, type StreamKind } from '../../sql/edit/read-data';

/**
 * The arrival times of the newest data, by kind, in milliseconds since 1970. A kind is missing if no data of this kind
 * arrived within `SEARCHED_MS`.
 */
export interface Arrivals {
  newest: Readonly<Partial<Record<StreamKind, number>>>;
  /** The time at which the server was asked for the arrivals, in milliseconds since 1970. */
  queriedMs: number;
}

/**
 * Minimum delay in milliseconds for an info notice. Producers send data at intervals from a few seconds to one minute.
 */
const INFO_AFTER_MS = 30_000;
/** Minimum delay in milliseconds for a warning. */
const WARNING_AFTER_MS = 5 * 60_000;
/**
 * The search for arrivals begins this number of milliseconds before the query. Data that arrived earlier are ignored.
 */
export const SEARCHED_MS = 24 * 3_600_000;

const WORDS: Readonly<Record<StreamKind, string>> = {
  log: 'log entries',
  metrics: 'metrics',
  trace: 'spans',
  cpu: 'spans of threads',
  net: 'network events',
  image: 'images',
};

/**
 * The notice for a query. Undefined if the data are less than `INFO_AFTER_MS` behind.
 *
 * @param window End of the time range in milliseconds since 1970, and the IANA name of the reader's time zone. Default,
 *   also for an unknown name: UTC.
 */
export function freshnessNotice(
  { kinds, of }: ReadData,
  { newest, queriedMs }: Arrivals,
  window: { toMs: number; timezone?: string | undefined }
): Notice | undefined {
  const arrived = kinds.flatMap((kind) => {
    const time = newest[kind];
    return time === undefined ? [] : [{ kind, time }];
  });
  const [oldest] = arrived.sort((left, right) => left.time - right.time);
  const subject = subjectOf(of);
  if (oldest === undefined) {
    return { severity: 'warning', text: `No data of ${subject} arrived in the last 24 hours (${wordsOf(kinds)}).` };
  }
  const behindMs = Math.min(window.toMs, queriedMs) - oldest.time;
  if (behindMs < INFO_AFTER_MS) {
    return undefined;
  }
  const words = WORDS[oldest.kind];
  const until = window.toMs - queriedMs > INFO_AFTER_MS ? 'this query' : 'the end of the time range';
  return {
    severity: behindMs < WARNING_AFTER_MS ? 'info' : 'warning',
    text: `Data complete up to ${formatTime(oldest.time, window.timezone)}: the newest ${words} of ${subject} arrived then, ${formatDuration(behindMs)} before ${until}.`,
  };
}

/**
 * Minimum age in milliseconds of the newest data for a notice on a dashboard. The data must also be older than two
 * intervals of the panel.
 */
const STALE_AFTER_MS = 60_000;

/**
 * The notice for a panel of a dashboard whose range ends now. Undefined if the newest data of each kind are less than a
 * minute or two intervals old. The age is that at the time of the check, which may be up to a minute ago.
 *
 * @param window Interval of the panel in milliseconds, and the time zone as for `freshnessNotice`.
 */
export function staleNotice(
  kinds: ReadData['kinds'],
  { newest, queriedMs }: Arrivals,
  window: { intervalMs: number; timezone?: string | undefined }
): Notice | undefined {
  const arrived = kinds.filter((kind) => newest[kind] !== undefined);
  const ageOf = (kind: StreamKind) => queriedMs - (newest[kind] ?? queriedMs - SEARCHED_MS);
  const [oldest] = (arrived.length === 0 ? [...kinds] : arrived).sort((left, right) => ageOf(right) - ageOf(left));
  const ageMs = ageOf(oldest);
  if (ageMs <= Math.max(STALE_AFTER_MS, 2 * window.intervalMs)) {
    return undefined;
  }
  const words = arrived.length === 0 ? wordsOf(kinds) : WORDS[oldest];
  const checked = `${formatDuration(ageMs)} before ${formatTime(queriedMs, window.timezone)}, the time of the check`;
  const found =
    arrived.length === 0
      ? `No ${words} that you can query arrived in the ${checked}.`
      : `The newest ${words} that you can query arrived ${checked}.`;
  return {
    severity: ageMs < WARNING_AFTER_MS ? 'info' : 'warning',
    text: `${found} Either no process sent any since, or the server receives or stores them late. The dashboard Lakehouse operation shows the age of each kind of data.`,
  };
}

function wordsOf(kinds: ReadData['kinds']): string {
  return kinds.map((kind) => WORDS[kind]).join(', ');
}

function subjectOf({ process_id, stream_id, exe }: ReadData['of']): string {
  const subjects = [
    ...counted(process_id.length, 'process', 'processes'),
    ...counted(stream_id.length, 'thread', 'threads'),
    ...counted(exe.length, 'program', 'programs'),
  ];
  return subjects.length === 0 ? 'all processes' : subjects.join(' and ');
}

function counted(count: number, one: string, several: string): string[] {
  return count === 0 ? [] : [count === 1 ? `the ${one}` : `the ${count} ${several}`];
}

/** Whole seconds, minutes or hours. */
function formatDuration(ms: number): string {
  const [amount, unit] =
    ms < 120_000 ? [ms / 1000, 'seconds'] : ms < 7_200_000 ? [ms / 60_000, 'minutes'] : [ms / 3_600_000, 'hours'];
  return `${Math.floor(amount)} ${unit}`;
}
