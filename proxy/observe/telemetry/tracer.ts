/** The interface of tracing. The implementation is a separate bundle, see `load-tracer.ts`. */
import { type Environment } from '../../base/environment';
import { type Logger } from '../logging/logger';
import { type QueryStages } from './query-stages';
import { type QuerySummary } from './query-summary';
import { type TraceContext } from './trace-context';

/** The span of a query that runs. */
export interface QuerySpan {
  /** The context to send to Micromegas: this span is the parent of the spans there. */
  readonly context: TraceContext;
  /** Ends the span now. Its child spans are the intervals of the stages. */
  end(summary: QuerySummary, stages: QueryStages): void;
}

/** A call of Grafana other than a query. */
export interface TracedCall {
  name: 'check_health' | 'call_resource';
  orgId: number;
  dataSourceUid?: string;
  /** The resource, one of a few known paths. */
  resource?: string;
}

/** The span of a call that is not a query: Save & test, or a resource. */
export interface CallSpan {
  /** See `QuerySpan.context`. */
  readonly context: TraceContext;
  /** Ends the span now. @param problem One of a few known words. Undefined if the call succeeded. */
  end(problem: string | undefined): void;
}

/** Creates the spans of queries and other calls. Exists only if Grafana's tracing is on. */
export interface Tracer {
  /**
   * @param parent The context that Grafana sent. Undefined: the query starts a trace.
   * @param startedMs Milliseconds since 1970.
   */
  startQuery(parent: TraceContext | undefined, startedMs: number): QuerySpan;
  startCall(parent: TraceContext | undefined, call: TracedCall): CallSpan;
  /** Sends the remaining spans. Never rejects. The process may be killed before the promise resolves. */
  close(): Promise<void>;
}

/** The export of the tracing bundle. */
export interface TracingBundle {
  createTracer(env: Environment, logger: Logger): Tracer;
}
