/**
 * The time that a profile shows: its window, or the whole time range. A profile of a long time range is divided into
 * parts. A flame graph shows one of the parts.
 */
import { dateTimeFormat, type PanelData, type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type ProfilePart, type ProfileRequest, windowEnd } from '../../../contract/query-types/profile';

type Window = Pick<ProfileRequest, 'beginNs' | 'endNs'>;

const NANOS_PER_MS = 1_000_000n;

/** True for a part. Another data source may have other values in `meta.custom.profileParts`. */
function isPart(value: unknown): value is ProfilePart {
  const { beginMs, endMs, calls } = (value ?? {}) as Partial<Record<keyof ProfilePart, unknown>>;
  return [beginMs, endMs, calls].every((number) => Number.isSafeInteger(number));
}

/** The parts that the result of a query lists, the newest first. Empty if the flame graph shows the whole range. */
export function profileParts(data: PanelData | undefined, refId: string): ProfilePart[] {
  const frame = data?.series.find((each) => each.refId === refId && Array.isArray(each.meta?.custom?.profileParts));
  const parts: unknown[] = frame?.meta?.custom?.profileParts ?? [];
  return parts.filter(isPart);
}

/** The time window of one part, for the request that shows the part. */
export function windowOfPart({ beginMs, endMs }: ProfilePart): Required<Window> {
  return { beginNs: `${beginMs}000000`, endNs: `${endMs}000000` };
}

/** The time window of the same length before or after a window. Undefined for a window without a start or an end. */
export function movedWindow({ beginNs, endNs }: Window, direction: 'earlier' | 'later'): Required<Window> | undefined {
  if (beginNs === undefined || endNs === undefined) {
    return undefined;
  }
  const [begin, end] = [BigInt(beginNs), BigInt(endNs)];
  const length = direction === 'later' ? end - begin : begin - end;
  return { beginNs: String(begin + length), endNs: String(end + length) };
}

/**
 * The shortest range of whole milliseconds that contains the window. If the window has no begin or no end, the result
 * has the begin or the end of the time range.
 */
export function windowRange(window: Window, range: Pick<TimeRange, 'from' | 'to'>): { fromMs: number; toMs: number } {
  const [begin, end] = [window.beginNs, windowEnd(window)];
  return {
    fromMs: begin === undefined ? range.from.valueOf() : Number(BigInt(begin) / NANOS_PER_MS),
    toMs: end === undefined ? range.to.valueOf() : Number((BigInt(end) + NANOS_PER_MS - 1n) / NANOS_PER_MS),
  };
}

/** The label of a part: its times and the number of its calls. */
export function partLabel({ beginMs, endMs, calls }: ProfilePart, timeZone?: string): string {
  const [from, to] = [beginMs, endMs].map((ms) => dateTimeFormat(ms, { timeZone }));
  const isOneDay = from.split(' ')[0] === to.split(' ')[0];
  return t('query-types.profile.part-times', '{{from}} to {{to}} ({{calls}} calls)', {
    from,
    to: isOneDay ? to.split(' ').slice(1).join(' ') : to,
    calls: calls.toLocaleString('en-US'),
    interpolation: { escapeValue: false },
  });
}
