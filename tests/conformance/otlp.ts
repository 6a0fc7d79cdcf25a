/**
 * Sends telemetry to a real Micromegas with the OpenTelemetry SDK, as an application does: one log record of each
 * severity, a gauge, a counter, and a span with an event.
 */
import { randomBytes } from 'node:crypto';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const NAMESPACE = 'conformance';
/** The name differs in each run, because a running server may have the telemetry of earlier runs. */
const SERVICE = `checkout-${randomBytes(4).toString('hex')}`;

/** The telemetry, with its names and values in the lakehouse. */
export const SENT = {
  exe: `${NAMESPACE}/${SERVICE}`,
  computer: 'conformance-host',
  target: 'checkout.payment',
  /** `severityNumber` is OpenTelemetry's, `severity` the name in Grafana's logs panel. */
  logs: [
    { severityNumber: 1, severity: 'trace', body: 'entering payment' },
    { severityNumber: 5, severity: 'debug', body: 'card token cached' },
    { severityNumber: 9, severity: 'info', body: 'payment accepted for "A-17" — 12 €' },
    { severityNumber: 13, severity: 'warning', body: 'payment slow' },
    { severityNumber: 17, severity: 'error', body: 'payment refused' },
    { severityNumber: 21, severity: 'critical', body: 'payment service down' },
  ],
  attributes: { order: 'A-17', items: 3, retried: true },
  gauge: { name: 'queue.length', value: 42 },
  counter: { name: 'payments', value: 7 },
  span: { name: 'charge card', event: 'provider called' },
} as const;

const SCOPE_VERSION = '1.0.0';

/**
 * Sends the telemetry. Resolves when the server has acknowledged it.
 *
 * @param ingestion Base URL, for example `http://127.0.0.1:8081`.
 */
export async function sendTelemetry(ingestion: string): Promise<void> {
  const resource = resourceFromAttributes({
    'service.namespace': NAMESPACE,
    'service.name': SERVICE,
    'service.instance.id': '1',
    'host.name': SENT.computer,
  });
  const url = (signal: string) => `${ingestion}/ingestion/otlp/v1/${signal}`;
  await sendLogs(resource, url('logs'));
  await sendMetrics(resource, url('metrics'));
  await sendSpans(resource, url('traces'));
}

async function sendLogs(resource: Resource, url: string): Promise<void> {
  const exporter = new OTLPLogExporter({ url });
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger(SENT.target, SCOPE_VERSION);
  for (const { severityNumber, body } of SENT.logs) {
    logger.emit({ severityNumber, body, attributes: SENT.attributes });
  }
  await provider.forceFlush();
  await provider.shutdown();
}

async function sendMetrics(resource: Resource, url: string): Promise<void> {
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url }) });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter(SENT.target, SCOPE_VERSION);
  meter.createGauge(SENT.gauge.name, { unit: '{order}' }).record(SENT.gauge.value);
  meter.createCounter(SENT.counter.name).add(SENT.counter.value, { currency: 'EUR' });
  // shutdown() exports all values. A call of forceFlush() before shutdown() would export the values twice.
  await provider.shutdown();
}

async function sendSpans(resource: Resource, url: string): Promise<void> {
  const exporter = new OTLPTraceExporter({ url });
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const span = provider
    .getTracer(SENT.target, SCOPE_VERSION)
    .startSpan(SENT.span.name, { attributes: SENT.attributes });
  span.addEvent(SENT.span.event, { attempt: 1 });
  span.end();
  await provider.forceFlush();
  await provider.shutdown();
}
