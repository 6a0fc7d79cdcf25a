/**
 * Loads tracing if Grafana, or the administrator of a sidecar, has enabled it.
 *
 * The OpenTelemetry SDK with its gRPC client is as large as the rest of the backend, so it is a separate bundle. It
 * is loaded when the process starts, and never later: an update of the plugin replaces the folder while the old process
 * runs.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Environment } from '../../base/environment';
import { type Logger } from '../logging/logger';
import { type Tracer, type TracingBundle } from './tracer';

const BUNDLE = 'tracing.cjs';

/** Grafana sets this variable if `[tracing.opentelemetry.otlp] address` is set. */
const ADDRESS = 'GF_INSTANCE_OTLP_ADDRESS';

/**
 * @param folder The folder of the bundles. @returns The tracer; undefined if tracing is off, or could not be started.
 */
export function loadTracer(env: Environment, folder: string, logger: Logger): Tracer | undefined {
  if ((env[ADDRESS] ?? '').trim() === '') {
    return undefined;
  }
  try {
    const file = join(folder, BUNDLE);
    const bundle: TracingBundle = createRequire(file)(file);
    return bundle.createTracer(env, logger);
  } catch (error) {
    logger.error('Tracing is off, because it could not be started', { error });
    return undefined;
  }
}
