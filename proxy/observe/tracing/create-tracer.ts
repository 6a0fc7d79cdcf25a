/**
 * Traces queries with the OpenTelemetry SDK, and sends the spans to the collector that is set in Grafana. This file is
 * the entry of the bundle `tracing.cjs`, see `observe/telemetry/load-tracer.ts`.
 *
 * Spans contain no SQL, no values and no names of users.
 */
import { type Attributes, diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type Sampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { isLoopbackAddress } from '../../../contract/settings/host';
import { PLUGIN_ID } from '../../../contract/plugin-id';
import { type Environment } from '../../base/environment';
import { type Logger } from '../logging/logger';
import { type Tracer } from '../telemetry/tracer';
import { diagnosticsTo } from './diagnostics-log';
import { createSampler } from './sampler';
import { SpanTracer } from './span-tracer';
import { readTracingSettings, type TracingSettings } from './tracing-settings';

/**
 * Maximum number of requests to the collector in flight. It bounds the memory if the collector does not respond,
 * because these requests hold spans. At most 2048 more spans wait (the default of the SDK).
 */
const CONCURRENT_EXPORTS = 2;

/** Attributes are truncated to this length, because headers, such as the UID of a dashboard, may have any length. */
const MAX_ATTRIBUTE_CHARACTERS = 200;

/** Called once per process, if Grafana's tracing is on. If it throws, the process runs without tracing. */
export function createTracer(env: Environment, logger: Logger): Tracer {
  const settings = readTracingSettings(env, logger);
  diag.setLogger(diagnosticsTo(logger, Date.now), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  connectDirectly(settings.url);
  const sampler = createSampler(settings.sampler, () => performance.now());
  const provider = createProvider(settings, sampler);
  logger.info('Tracing is on', { collector: settings.url, sampler: settings.sampler });
  return new SpanTracer(provider.getTracer(PLUGIN_ID), () => provider.shutdown());
}

/**
 * grpc-js uses the HTTP proxy of the environment even for a collector on this machine. Grafana and other Go programs
 * never use an HTTP proxy for this machine. No other part of the backend uses grpc-js.
 */
function connectDirectly(url: string): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isLoopbackAddress(host)) {
    process.env.no_grpc_proxy = host;
  }
}

function createProvider(
  { url, pluginVersion, scheduledDelayMillis }: TracingSettings,
  sampler: Sampler
): TracerProvider {
  // Other options keep the defaults of the specification. The exporter reads the variables OTEL_EXPORTER_OTLP_….
  const exporter = new OTLPTraceExporter({ url, concurrencyLimit: CONCURRENT_EXPORTS });
  return new TracerProvider({
    sampler,
    resource: defaultResource().merge(resourceFromAttributes(serviceAttributes(pluginVersion))),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARACTERS },
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis })],
  });
}

/** The attributes that Grafana's SDK for Go sets for a plugin. In these attributes, the service is the plugin. */
function serviceAttributes(version: string | undefined): Attributes {
  return {
    'service.name': PLUGIN_ID,
    ...(version !== undefined && { 'service.version': version }),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  };
}
