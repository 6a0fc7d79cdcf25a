/**
 * The spans of queries and other calls.
 *
 * Names and attributes follow the OpenTelemetry semantic conventions for database client spans, version 1.45. The
 * conventions list no system `micromegas`. The name of a call's span consists of the system and the call. It has no
 * words of the SQL, because the SQL is not parsed here. The span of a stage has the name of the stage. The attributes
 * `org_id` and `datasource_uid` are named as in Grafana's plugin SDK for Go.
 */
import {
  type Attributes,
  type Context,
  createTraceState,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { type QueryStages } from '../telemetry/query-stages';
import { type QuerySummary } from '../telemetry/query-summary';
import { type TraceContext } from '../telemetry/trace-context';
import { type CallSpan, type QuerySpan, type TracedCall, type Tracer } from '../telemetry/tracer';

const SYSTEM = 'micromegas';

/** One per process. Parents of spans are passed as arguments: there is no active span. */
export class SpanTracer implements Tracer {
  readonly #tracer: OtelTracer;
  readonly #shutdown: () => Promise<void>;

  /** @param shutdown Sends the remaining spans. */
  constructor(tracer: OtelTracer, shutdown: () => Promise<void>) {
    this.#tracer = tracer;
    this.#shutdown = shutdown;
  }

  startQuery(parent: TraceContext | undefined, startedMs: number): QuerySpan {
    const kind = SpanKind.CLIENT;
    const attributes = { 'db.system.name': SYSTEM };
    const span = this.#tracer.startSpan(
      'micromegas.query',
      { kind, startTime: hrTime(startedMs), attributes },
      toOtel(parent)
    );
    return {
      context: contextOf(span),
      end: (summary, stages) => {
        const timeOf = (ms: number) => hrTime(summary.startedMs + ms - stages.originMs);
        if (span.isRecording()) {
          span.setAttributes(queryAttributes(summary));
          setStatus(span, summary.code === 'ok' ? undefined : summary.code);
          this.#addStages(span, stages, timeOf);
        }
        span.end(hrTime(summary.startedMs + stages.elapsedMs()));
      },
    };
  }

  startCall(parent: TraceContext | undefined, { name, orgId, dataSourceUid, resource }: TracedCall): CallSpan {
    const attributes = defined({ org_id: orgId, datasource_uid: dataSourceUid, 'micromegas.resource': resource });
    const options = { kind: SpanKind.SERVER, attributes };
    const span = this.#tracer.startSpan(`micromegas.${name}`, options, toOtel(parent));
    return {
      context: contextOf(span),
      end: (problem) => {
        setStatus(span, problem);
        span.end();
      },
    };
  }

  async close(): Promise<void> {
    try {
      await this.#shutdown();
    } catch {
      // The exporter has reported its failure to the log.
    }
  }

  #addStages(parent: Span, { intervals }: QueryStages, timeOf: (ms: number) => HrTime): void {
    const context = trace.setSpan(ROOT_CONTEXT, parent);
    for (const { stage, startMs, endMs, busyMs } of intervals) {
      // A stage with pauses takes less time than its interval, so the time of the stage is an attribute.
      const attributes = busyMs < endMs - startMs ? { 'micromegas.busy_ms': Math.round(busyMs * 1000) / 1000 } : {};
      this.#tracer.startSpan(stage, { startTime: timeOf(startMs), attributes }, context).end(timeOf(endMs));
    }
  }
}

/**
 * The time as the SDK's pair of seconds and nanoseconds. A number would be ambiguous: if it is below the start time of
 * the process, for example after the clock was set back, the SDK reads it as milliseconds since that start.
 *
 * @param epochMs Milliseconds since 1970.
 */
function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
}

function toOtel(parent: TraceContext | undefined): Context {
  if (parent === undefined) {
    return ROOT_CONTEXT;
  }
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    traceState: parent.traceState === undefined ? undefined : createTraceState(parent.traceState),
    isRemote: true,
  });
}

function contextOf(span: Span): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const state = traceState?.serialize() ?? '';
  return {
    traceId,
    spanId,
    isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0,
    ...(state !== '' && { traceState: state }),
  };
}

/** The status of a span that succeeded stays unset, as the conventions require. */
function setStatus(span: Span, problem: string | undefined): void {
  if (problem !== undefined) {
    span.setAttribute('error.type', problem);
    span.setStatus({ code: SpanStatusCode.ERROR, message: problem });
  }
}

function queryAttributes(summary: QuerySummary): Attributes {
  return defined({
    'server.address': summary.server?.host,
    'server.port': summary.server?.port,
    'db.response.returned_rows': summary.rows,
    org_id: summary.orgId,
    datasource_uid: summary.dataSourceUid,
    'grafana.dashboard.uid': summary.dashboardUid,
    'grafana.panel.id': summary.panelId,
    'micromegas.entrypoint': summary.entrypoint,
    'micromegas.format': summary.format,
    'micromegas.frame_bytes': summary.bytes,
    'micromegas.query_id': summary.queryId,
    'micromegas.ref_id': summary.refId,
  });
}

function defined(values: Record<string, string | number | undefined>): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
