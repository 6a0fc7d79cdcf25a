/**
 * The trace that a call belongs to. Grafana sends it in the gRPC metadata, and the backend passes it on to Micromegas.
 *
 * Reads both formats that Grafana supports: `traceparent` (W3C Trace Context) and `uber-trace-id` (Jaeger). Malformed
 * values are ignored, as the specification requires. Log lines have a trace ID even if tracing is off, so this module
 * does not use the OpenTelemetry SDK.
 */
import { type Logger } from '../logging/logger';

/** A span that can be the parent of other spans. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** Value of `tracestate`: entries of other tracing systems, which are passed on. */
  readonly traceState?: string;
}

/** Version, trace ID, span ID and flags. Versions after 00 may have more fields. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?$/;
/** Trace ID, span ID, ID of the parent (obsolete) and flags. Leading zeros may be missing. */
const UBER_TRACE_ID = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:([0-9a-f]{1,2})$/i;

/** Longer values are ignored. The specification recommends passing on at least 512 characters of `tracestate`. */
const MAX_PARENT_CHARACTERS = 256;
const MAX_STATE_CHARACTERS = 512;
const TRACE_STATE = /^[\x20-\x7e]+$/;

const ALL_ZERO = /^0+$/;

function isSampled(flags: string): boolean {
  return (Number.parseInt(flags, 16) & 1) === 1;
}

function fromTraceParent(header: string): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header) ?? [];
  const isKnown = version !== 'ff' && (version !== '00' || more === undefined);
  return traceId === undefined || !isKnown || ALL_ZERO.test(traceId) || ALL_ZERO.test(spanId)
    ? undefined
    : { traceId, spanId, isSampled: isSampled(flags) };
}

function fromUberTraceId(header: string): TraceContext | undefined {
  const [, trace, span, flags] = UBER_TRACE_ID.exec(header.replaceAll(/%3a/gi, ':')) ?? [];
  return trace === undefined || ALL_ZERO.test(trace) || ALL_ZERO.test(span)
    ? undefined
    : {
        traceId: trace.toLowerCase().padStart(32, '0'),
        spanId: span.toLowerCase().padStart(16, '0'),
        isSampled: isSampled(flags),
      };
}

/** The trace context in the metadata of a call; undefined if there is none. `traceparent` has precedence. */
export function readTraceContext(metadata: ReadonlyMap<string, string>): TraceContext | undefined {
  const parent = metadata.get('traceparent')?.trim();
  if (parent !== undefined && parent.length <= MAX_PARENT_CHARACTERS) {
    const context = fromTraceParent(parent);
    if (context !== undefined) {
      const state = metadata.get('tracestate')?.trim() ?? '';
      const isValid = state.length <= MAX_STATE_CHARACTERS && TRACE_STATE.test(state);
      return isValid ? { ...context, traceState: state } : context;
    }
  }
  const jaeger = metadata.get('uber-trace-id')?.trim();
  return jaeger !== undefined && jaeger.length <= MAX_PARENT_CHARACTERS ? fromUberTraceId(jaeger) : undefined;
}

/** A logger that adds the trace ID to its lines, under the key that Grafana's plugin SDK for Go uses. */
export function tracedLogger(logger: Logger, trace: TraceContext | undefined): Logger {
  return trace === undefined ? logger : logger.with({ traceId: trace.traceId });
}

/** The metadata entries of a context in the W3C format. */
export function traceEntries(context: TraceContext | undefined): Array<[name: string, value: string]> {
  if (context === undefined) {
    return [];
  }
  const { traceId, spanId, isSampled: sampled, traceState } = context;
  const parent: [string, string] = ['traceparent', `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`];
  return traceState === undefined ? [parent] : [parent, ['tracestate', traceState]];
}
