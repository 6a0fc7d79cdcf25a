/**
 * The settings of tracing, in the environment variables that Grafana sets from `[tracing.opentelemetry]` and
 * `[tracing.opentelemetry.otlp]`. The defaults are those of Grafana's plugin SDK for Go.
 *
 * @see grafana/grafana-plugin-sdk-go `backend/setup.go` and `internal/tracerprovider/sampler.go`
 */
import { type Environment } from '../../base/environment';
import { type Logger } from '../logging/logger';

export type SamplerSettings =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  /** @param share From 0 to 1. */
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'rate'; readonly perSecond: number };

/** Settings with the defaults for missing and invalid values. */
export interface TracingSettings {
  /** URL of the OTLP collector, which uses gRPC without TLS. */
  readonly url: string;
  /** The sampler of traces that start in the backend. */
  readonly sampler: SamplerSettings;
  readonly pluginVersion?: string;
  /**
   * Maximum time in milliseconds for which a span waits to be sent with others. Default: 5 s, as in the specification.
   */
  readonly scheduledDelayMillis?: number;
}

const ADDRESS = 'GF_INSTANCE_OTLP_ADDRESS';
const SAMPLER_TYPE = 'GF_INSTANCE_OTLP_SAMPLER_TYPE';
const SAMPLER_PARAM = 'GF_INSTANCE_OTLP_SAMPLER_PARAM';
/** A variable of the OpenTelemetry specification. Grafana does not set it. */
const DELAY = 'OTEL_BSP_SCHEDULE_DELAY';
const VERSION = 'GF_PLUGIN_VERSION';

/**
 * Reads the settings. Invalid values are replaced by defaults, because queries must run even if tracing is
 * misconfigured. They are also logged.
 */
export function readTracingSettings(env: Environment, logger: Pick<Logger, 'warn'>): TracingSettings {
  const version = (env[VERSION] ?? '').trim();
  return {
    url: `http://${(env[ADDRESS] ?? '').trim().replace(/^\w+:\/\//, '')}`,
    sampler: readSampler(env, logger),
    ...(version !== '' && { pluginVersion: version }),
    ...readDelay(env, logger),
  };
}

function readDelay(env: Environment, logger: Pick<Logger, 'warn'>): Pick<TracingSettings, 'scheduledDelayMillis'> {
  const value = (env[DELAY] ?? '').trim();
  if (/^\d{1,6}$/.test(value)) {
    return { scheduledDelayMillis: Number(value) };
  }
  if (value !== '') {
    logger.warn(`${DELAY} is not a number of milliseconds from 0 to 999999, so the default is used`, { value });
  }
  return {};
}

function readSampler(env: Environment, logger: Pick<Logger, 'warn'>): SamplerSettings {
  const type = (env[SAMPLER_TYPE] ?? '').trim();
  const value = (env[SAMPLER_PARAM] ?? '').trim();
  let param = Number(value);
  if (value === '' || !Number.isFinite(param)) {
    param = 1;
    if (value !== '') {
      logger.warn('The parameter of the trace sampler is not a number. The value 1 is used', { value: value });
    }
  }
  switch (type) {
    case '':
    case 'const':
      if (param > 0 && param < 1) {
        logger.warn('The parameter of the trace sampler "const" must be 0 or 1. The value 0 is used', { value: value });
      }
      return { kind: param >= 1 ? 'always' : 'never' };
    case 'probabilistic':
      return share(param);
    case 'rateLimiting':
      return { kind: 'rate', perSecond: Math.max(0, param) };
    case 'remote':
      logger.warn(
        'The trace sampler "remote" is not supported for traces that start in the plugin. The parameter of the sampler is used as the probability of these traces',
        { value: param }
      );
      return share(param);
    default:
      logger.warn('The type of the trace sampler is unknown. Its parameter is used as a probability', { type });
      return share(param);
  }
}

function share(param: number): SamplerSettings {
  return { kind: 'share', share: Math.min(Math.max(param, 0), 1) };
}
