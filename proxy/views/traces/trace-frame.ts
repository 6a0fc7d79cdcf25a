/** One trace as the frame that Grafana's trace view shows. */
import { LINES_AFTER_MS } from '../../../contract/queries/linked-queries';
import { AROUND_MS } from '../../../contract/query-types/what-changed';
import { formatCount, thousands } from '../../frames/data-frames/format-count';
import { type Pace } from '../../base/async/turns';
import {
  type ComposedField,
  type ComposedFrame,
  computedValues,
  type Values,
} from '../../frames/data-frames/composed-frames';
import { type LinkTarget, type Notice } from '../../frames/data-frames/frame-options';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type Span, type SpanProcess } from './span';
import { MAX_SPANS, type ReadTrace } from './read-trace';
import { type CheckedSpan, type CheckedTrace, checkSpans, type ClockSkew, milliseconds } from './span-tree';
import { LINK_FIELDS, spanLinks } from './trace-links';

const NANOS_PER_MS = 1e6;
/**
 * Milliseconds by which the range of log links is extended. Log lines of a trace may be shortly before or after its
 * spans.
 */
const TRACE_MARGIN_MS = 60_000;

/** Maximum number of clock differences that notices report. */
const MAX_SKEWS = 3;

/** Grafana's codes of statuses. Any other status is UNSET (0). */
const STATUS_CODES = new Map([
  ['OK', 1],
  ['ERROR', 2],
]);

/**
 * Parent id of a root span with links. Grafana moves a root span below the first span that it links to. If the linked
 * span is a descendant of the root span, both spans disappear. This id (all zeros, invalid in OpenTelemetry) prevents
 * the move.
 */
const NO_PARENT = '0000000000000000';

/** Returns the frame. @param range The range of the query. @param trace A trace with at least one span. */
export async function traceFrame(
  traceId: string,
  trace: ReadTrace,
  range: TimeRangeMs,
  target: LinkTarget | undefined,
  pace: Pace
): Promise<ComposedFrame> {
  const checked = await checkSpans(trace.spans, pace);
  const { spans } = checked;
  // All spans of a process share one object, so this finds the distinct processes.
  const processes = new Set<SpanProcess>();
  spans.forEach(({ span }) => processes.add(span.process));
  const links = spanLinks(
    target,
    [...processes].map(({ id }) => id)
  );
  const lastMs = spans.reduce((last, { span }) => Math.max(last, endMs(span)), 0);
  const begin = digits(startMs(spans[0].span) - TRACE_MARGIN_MS);
  const end = digits(lastMs + TRACE_MARGIN_MS);
  const values = <T>(value: (checked: CheckedSpan) => T | undefined): Values<T> => computedValues(spans, value);
  const stringField = (name: string, value: (checked: CheckedSpan) => string | undefined): ComposedField => ({
    kind: 'utf8',
    name,
    values: values(value),
    ...(links[name] !== undefined && { config: { links: links[name] } }),
  });
  const json = (name: string, value: (checked: CheckedSpan) => string | undefined): ComposedField => ({
    kind: 'json',
    name,
    values: values(value),
  });
  const numbers = (name: string, value: (checked: CheckedSpan) => number): ComposedField => ({
    kind: 'float64',
    name,
    values: values(value),
  });
  return {
    kind: { preferredVisualisationType: 'trace' },
    custom: { traceFormat: 'otlp' },
    notices: noticesOf(trace, checked, range),
    fields: [
      stringField('traceID', () => traceId),
      stringField('spanID', ({ span }) => span.id),
      stringField('parentSpanID', shownParent),
      stringField('operationName', ({ span }) => span.name),
      stringField('serviceName', ({ span }) => span.process.exe),
      json('serviceTags', ({ span }) => span.process.tags),
      numbers('startTime', ({ span }) => startMs(span)),
      numbers('duration', ({ span }) => span.durationNs / NANOS_PER_MS),
      stringField('kind', ({ span }) => span.kind.toLowerCase()),
      numbers('statusCode', ({ span }) => STATUS_CODES.get(span.status) ?? 0),
      stringField('statusMessage', ({ span }) => span.statusMessage),
      stringField('instrumentationLibraryName', ({ span }) => span.scopeName),
      stringField('instrumentationLibraryVersion', ({ span }) => span.scopeVersion),
      json('tags', ({ span }) => span.tags),
      json('logs', ({ span }) => span.events),
      json('references', ({ span: { references } }) =>
        references.length === 0 ? undefined : JSON.stringify(references)
      ),
      json('warnings', ({ warnings }) => (warnings.length === 0 ? undefined : JSON.stringify(warnings))),
      stringField(LINK_FIELDS.process, ({ span }) => span.process.id),
      stringField(LINK_FIELDS.traceBegin, () => begin),
      stringField(LINK_FIELDS.traceEnd, () => end),
      stringField(LINK_FIELDS.nearBegin, ({ span }) => digits(startMs(span) - AROUND_MS)),
      stringField(LINK_FIELDS.nearEnd, ({ span }) => digits(endMs(span) + AROUND_MS)),
      stringField(LINK_FIELDS.linesEnd, ({ span }) => digits(endMs(span) + LINES_AFTER_MS)),
    ],
  };
}

/** The start in milliseconds. It is never 0, because Grafana leaves out spans that start at 0. */
function startMs({ startUs }: Span): number {
  return Math.max(startUs, 1) / 1000;
}

function endMs(span: Span): number {
  return startMs(span) + span.durationNs / NANOS_PER_MS;
}

function digits(ms: number): string {
  return String(Math.max(0, Math.floor(ms)));
}

function shownParent({ span, parentId }: CheckedSpan): string | undefined {
  return parentId ?? (span.references.length > 0 ? NO_PARENT : undefined);
}

function noticesOf(
  trace: ReadTrace,
  { orphans, cycles, duplicates, skews }: CheckedTrace,
  range: TimeRangeMs
): Notice[] {
  const warn = (message: string): Notice => ({ severity: 'warning', text: message });
  const [first] = trace.spans;
  const startedMs = startMs(first);
  const isOutside = startedMs > range.toMs || trace.spans.every((span) => endMs(span) < range.fromMs);
  return [
    ...(isOutside
      ? [warn(`The trace is outside of the time range. It starts at ${new Date(startedMs).toISOString()}.`)]
      : []),
    ...(trace.isTruncated
      ? [warn(`The trace has more than ${thousands(MAX_SPANS)} spans. Only the earliest ones are shown.`)]
      : []),
    ...(trace.hasMoreProcesses
      ? [
          warn(
            `Only the ${trace.processes} processes with the newest data were searched. Spans of other processes may be missing. Choose a shorter time range around the trace.`
          ),
        ]
      : []),
    ...(orphans > 0
      ? [
          warn(
            orphans === 1
              ? 'The parent of 1 span was not found. The span is shown as a root, with a warning.'
              : `The parents of ${thousands(orphans)} spans were not found. These spans are shown as roots, with a warning.`
          ),
        ]
      : []),
    ...(cycles > 0
      ? [
          warn(
            `Parent links form ${formatCount(cycles, 'cycle')}. One link of each cycle is ignored, and its span has a warning.`
          ),
        ]
      : []),
    ...(duplicates > 0
      ? [
          warn(
            `${formatCount(duplicates, 'span id occurs', 'span ids occur')} more than once. Grafana adds a number to the repeated ids.`
          ),
        ]
      : []),
    ...skews.slice(0, MAX_SKEWS).map((skew) => warn(describeSkew(skew))),
  ];
}

function describeSkew({ ahead, behind, ms, spans }: ClockSkew): string {
  return `The clock of ${ahead} seems to be ${milliseconds(ms)} ahead of ${behind} (${formatCount(spans, 'span')}). The times are shown as recorded.`;
}
