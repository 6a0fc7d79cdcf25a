/**
 * Reads a trace frame into its spans, in the order of Grafana's trace view: `public/app/features/explore/TraceView`.
 */
import { type DataFrame } from '@grafana/data';

export interface TracePair {
  key: string;
  value: string;
}

export interface SpanLog {
  name: string;
  /** Milliseconds since 1970. */
  timeMs: number;
  fields: TracePair[];
}

export interface SpanReference {
  traceId: string;
  spanId: string;
  tags: TracePair[];
}

export interface TraceSpan {
  /** Number of the row in the frame. */
  row: number;
  /** Unique in the trace. */
  id: string;
  parentId: string;
  /** True if the span names a parent that is not part of the trace. */
  isOrphan: boolean;
  /** 0 for a span without a parent in the trace. */
  depth: number;
  operation: string;
  service: string;
  /** Milliseconds since 1970, with fractions. */
  startMs: number;
  durationMs: number;
  kind: string;
  isError: boolean;
  statusMessage: string;
  /** Name and version of the instrumentation library. */
  library: string;
  traceState: string;
  tags: TracePair[];
  serviceTags: TracePair[];
  logs: SpanLog[];
  warnings: string[];
  stackTraces: string[];
  references: SpanReference[];
}

export interface Trace {
  id: string;
  /** Depth first; spans of the same parent by their start. */
  spans: TraceSpan[];
  /** In the order of their first span. */
  services: string[];
  /** Milliseconds since 1970. */
  startMs: number;
  durationMs: number;
  /** Number of levels. */
  depth: number;
}

const STATUS_ERROR = 2;
const REQUIRED = ['traceID', 'spanID', 'operationName', 'serviceName', 'startTime', 'duration'];

type Values = (name: string) => ArrayLike<unknown> | undefined;

function stringOf(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function list(value: unknown): Array<Record<string, unknown>> {
  return Array.isArray(value)
    ? value.filter((item): item is Record<string, unknown> => item !== null && typeof item === 'object')
    : [];
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(stringOf) : [];
}

function pairs(value: unknown): TracePair[] {
  return list(value).map((pair) => ({ key: stringOf(pair.key), value: stringOf(pair.value) }));
}

function logsOf(value: unknown): SpanLog[] {
  return list(value).map((log) => ({
    name: stringOf(log.name),
    timeMs: Number(log.timestamp),
    fields: pairs(log.fields),
  }));
}

function referencesOf(value: unknown): SpanReference[] {
  return list(value).map((reference) => ({
    traceId: stringOf(reference.traceID),
    spanId: stringOf(reference.spanID),
    tags: pairs(reference.tags),
  }));
}

function readSpan(values: Values, row: number): TraceSpan {
  const at = (name: string) => values(name)?.[row];
  const tags = pairs(at('tags'));
  const library = [stringOf(at('instrumentationLibraryName')), stringOf(at('instrumentationLibraryVersion'))];
  return {
    row,
    id: stringOf(at('spanID')),
    parentId: stringOf(at('parentSpanID')),
    isOrphan: false,
    depth: 0,
    operation: stringOf(at('operationName')),
    service: stringOf(at('serviceName')),
    startMs: Number(at('startTime') ?? 0),
    durationMs: Number(at('duration') ?? 0),
    kind: stringOf(at('kind')),
    isError:
      Number(at('statusCode')) === STATUS_ERROR || tags.some(({ key, value }) => key === 'error' && value === 'true'),
    statusMessage: stringOf(at('statusMessage')),
    library: library.filter((part) => part !== '').join(' '),
    traceState: stringOf(at('traceState')),
    tags,
    serviceTags: pairs(at('serviceTags')),
    logs: logsOf(at('logs')),
    warnings: stringsOf(at('warnings')),
    stackTraces: stringsOf(at('stackTraces')),
    references: referencesOf(at('references')),
  };
}

/** Like Grafana, drops spans without a start, and adds a suffix to ids that occur again. */
function readSpans(values: Values, length: number): TraceSpan[] {
  const seen = new Map<string, number>();
  const spans = Array.from({ length }, (_none, row) => readSpan(values, row)).filter(({ startMs }) => startMs > 0);
  for (const span of spans) {
    const count = seen.get(span.id) ?? 0;
    seen.set(span.id, count + 1);
    span.id = count === 0 ? span.id : `${span.id}_${count}`;
  }
  return spans;
}

/** Depth first, without recursion: a trace may be thousands of levels deep. In a cycle, the first span is a root. */
function inTreeOrder(spans: TraceSpan[]): TraceSpan[] {
  const byStart = [...spans].sort((a, b) => a.startMs - b.startMs);
  const ids = new Set(spans.map(({ id }) => id));
  const children = new Map<string, TraceSpan[]>();
  const roots: TraceSpan[] = [];
  for (const span of byStart) {
    if (span.parentId !== '' && ids.has(span.parentId)) {
      const siblings = children.get(span.parentId);
      if (siblings) {
        siblings.push(span);
      } else {
        children.set(span.parentId, [span]);
      }
    } else {
      span.isOrphan = span.parentId !== '';
      roots.push(span);
    }
  }
  const ordered = new Set<TraceSpan>();
  for (const start of [...roots, ...byStart]) {
    const stack = [start];
    for (let span = stack.pop(); span; span = stack.pop()) {
      if (!ordered.has(span)) {
        ordered.add(span);
        for (const child of (children.get(span.id) ?? []).toReversed()) {
          child.depth = ordered.has(child) ? child.depth : span.depth + 1;
          stack.push(child);
        }
      }
    }
  }
  return [...ordered];
}

/**
 * The trace in a frame. Undefined if the frame lacks a required field, or a row has no span id: Grafana then shows no
 * trace.
 */
export function readTrace(frame: DataFrame): Trace | undefined {
  const fields = new Map(frame.fields.map((field) => [field.name, field]));
  const values: Values = (name) => fields.get(name)?.values;
  const hasFields = REQUIRED.every((name) => fields.has(name)) && fields.has('serviceTags');
  if (!hasFields || Array.from(fields.get('spanID')!.values).some((id) => stringOf(id) === '')) {
    return undefined;
  }
  const spans = inTreeOrder(readSpans(values, frame.length));
  const startMs = spans.reduce((least, span) => Math.min(least, span.startMs), Infinity);
  const endMs = spans.reduce((most, span) => Math.max(most, span.startMs + span.durationMs), -Infinity);
  return {
    id: stringOf(values('traceID')?.[0]).toLowerCase(),
    spans,
    services: [...new Set(spans.map(({ service }) => service))],
    startMs: spans.length > 0 ? startMs : 0,
    durationMs: spans.length > 0 ? endMs - startMs : 0,
    depth: spans.reduce((most, { depth }) => Math.max(most, depth + 1), 0),
  };
}
