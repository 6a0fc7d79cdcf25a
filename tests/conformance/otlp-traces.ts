/**
 * A trace of three services, sent to a real Micromegas with the OpenTelemetry SDK. The first service gets a request,
 * calls a second service, and sends a message to a third service. The second service, whose clock is ahead, queries a
 * database and writes a log record. The parent of the first span is not sent.
 */
import { randomBytes } from 'node:crypto';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const RUN = randomBytes(4).toString('hex');
const LINKED = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };

export const SENT_TRACE = {
  /** Names of the programs in the lakehouse. */
  gateway: `conformance/gateway-${RUN}`,
  cart: `conformance/cart-${RUN}`,
  worker: `conformance/worker-${RUN}`,
  traceId: randomBytes(16).toString('hex'),
  unrecordedParent: randomBytes(8).toString('hex'),
  clockAheadMs: 420,
  attributes: { 'http.route': '/cart', 'http.response.status_code': 503, retried: true, share: 0.25, tags: ['a', 'b'] },
  event: { name: 'exception', attributes: { 'exception.type': 'Timeout' } },
  link: LINKED,
  message: 'cart is not available',
  line: `cart failed in run ${RUN}`,
  scope: { name: 'shop.http', version: '2.1.0' },
} as const;

interface Service {
  start(name: string, kind: SpanKind, parent: Context, startMs: number, attributes?: object): Span;
  log(line: string, context: Context): void;
  end(): Promise<void>;
}

/** Sends everything. @returns Start of the trace, in milliseconds since 1970. */
export async function sendTrace(ingestion: string): Promise<number> {
  const services = [SENT_TRACE.gateway, SENT_TRACE.cart, SENT_TRACE.worker].map((exe) => serviceOf(ingestion, exe));
  const [gateway, cart, worker] = services;
  const beginMs = Date.now() - 1000;
  const at = (ms: number) => beginMs + ms;
  const edge = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: SENT_TRACE.traceId,
    spanId: SENT_TRACE.unrecordedParent,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const below = (span: Span) => trace.setSpan(ROOT_CONTEXT, span);
  const request = gateway.start('GET /cart', SpanKind.SERVER, edge, at(0), SENT_TRACE.attributes);
  const call = gateway.start('cart.Get', SpanKind.CLIENT, below(request), at(10), { 'peer.service': 'cart' });
  const response = cart.start('cart.Get', SpanKind.SERVER, below(call), at(20) + SENT_TRACE.clockAheadMs);
  const query = cart.start('SELECT', SpanKind.CLIENT, below(response), at(21) + SENT_TRACE.clockAheadMs, {
    'db.system.name': 'postgresql',
    'db.namespace': `carts-${RUN}`,
  });
  query.end(at(25) + SENT_TRACE.clockAheadMs);
  response.addEvent(SENT_TRACE.event.name, SENT_TRACE.event.attributes, at(30) + SENT_TRACE.clockAheadMs);
  response.setStatus({ code: SpanStatusCode.ERROR, message: SENT_TRACE.message });
  cart.log(SENT_TRACE.line, below(response));
  response.end(at(60) + SENT_TRACE.clockAheadMs);
  call.end(at(70));
  const publish = gateway.start('carts publish', SpanKind.PRODUCER, below(request), at(75));
  publish.end(at(76));
  const consume = worker.start('carts process', SpanKind.CONSUMER, below(publish), at(500));
  consume.addLink({ context: { ...LINKED, traceFlags: TraceFlags.SAMPLED }, attributes: { why: 'batch' } });
  consume.end(at(900));
  request.end(at(80));
  for (const service of services) {
    await service.end();
  }
  return beginMs;
}

function serviceOf(ingestion: string, exe: string): Service {
  const [namespace, name] = exe.split('/');
  const resource: Resource = resourceFromAttributes({
    'service.namespace': namespace,
    'service.name': name,
    'host.name': `host-of-${name}`,
  });
  const url = (signal: string) => `${ingestion}/ingestion/otlp/v1/${signal}`;
  const spans = new SimpleSpanProcessor({ exporter: new OTLPTraceExporter({ url: url('traces') }) });
  const tracers = new TracerProvider({ resource, spanProcessors: [spans] });
  const records = new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: url('logs') }) });
  const loggers = new LoggerProvider({ resource, processors: [records] });
  const { scope } = SENT_TRACE;
  const tracer = tracers.getTracer(scope.name, scope.version);
  return {
    start: (name, kind, parent, startTime, attributes = {}) =>
      tracer.startSpan(name, { kind, startTime, attributes: { ...attributes } }, parent),
    log: (body, context) => loggers.getLogger(scope.name).emit({ severityNumber: 17, body, context }),
    end: async () => {
      await Promise.all([tracers.forceFlush(), loggers.forceFlush()]);
      await Promise.all([tracers.shutdown(), loggers.shutdown()]);
    },
  };
}
