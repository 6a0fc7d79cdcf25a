/**
 * Save & Test: goes the way of a query step by step, and says of each step how it went. It stops at the first that
 * fails, and calls nothing good that it did not try.
 */
import { ProxyError } from '../errors/proxy-error';
import { type Logger } from '../logging/logger';
import { type Metrics } from '../metrics/metrics';
import { callerOf } from './caller';
import { type HealthInstance, type HealthInstanceStore } from './health/health-instance';
import { HealthReport } from './health/health-report';
import { connectionStages, queryStages, tablesStage, tokenStages } from './health/stages';
import { addressText, attributionText, signInText } from './health/words';
import { type CheckHealthRequest, type CheckHealthResult } from './plugin-request';

export interface CheckHealthDeps {
  store: HealthInstanceStore;
  metrics: Pick<Metrics, 'healthChecked'>;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

interface Lease {
  instance: HealthInstance;
  release(): void;
}

const SIGN_IN_NAMES = { none: 'no sign-in', token: 'API key', oauth2: 'OAuth 2.0 client credentials' } as const;

function settingsStage(report: HealthReport, request: CheckHealthRequest, store: HealthInstanceStore): Promise<Lease> {
  return report.run('settings', 'Settings', () => {
    const { dataSource } = request.context;
    if (dataSource === undefined) {
      throw new ProxyError('settings_invalid', { detail: 'Grafana sent no data source with the request.' });
    }
    const lease = store.acquire(dataSource);
    const { settings } = lease.instance;
    const text = `${addressText(settings)}, ${settings.secure ? 'TLS' : 'no TLS'}, ${SIGN_IN_NAMES[settings.auth.kind]}.`;
    return Promise.resolve({ text, warnings: settings.warnings, value: lease });
  });
}

/** Runs the stages after the settings. Returns the sentences of the result. */
async function connectedText(
  report: HealthReport,
  instance: HealthInstance,
  request: CheckHealthRequest,
  now: () => number,
  signal: AbortSignal
): Promise<string> {
  const call = { ...callerOf(request.context.user, request.headers, 'health'), signal };
  const context = { report, instance, call, now };
  const { settings } = instance;
  await connectionStages(context);
  const token = await tokenStages(context);
  await queryStages(context, token);
  const tables = await tablesStage(context);
  const count = `${tables} ${tables === 1 ? 'table' : 'tables'}`;
  return `Connected to ${addressText(settings)}, ${signInText(settings, token)}; ${count}. ${attributionText(settings, token)}`;
}

/** Checks a data source. Never rejects: what fails is the result. */
export async function checkHealth(
  request: CheckHealthRequest,
  deps: CheckHealthDeps,
  signal: AbortSignal
): Promise<CheckHealthResult> {
  const report = new HealthReport(deps.now);
  let lease: Lease | undefined;
  try {
    lease = await settingsStage(report, request, deps.store);
    const text = await connectedText(report, lease.instance, request, deps.now, signal);
    const message = [text, ...report.warnings].join(' ');
    deps.metrics.healthChecked('ok');
    return { status: 'ok', message, details: report.details(message) };
  } catch (reason) {
    const error = ProxyError.from(reason);
    if (error.code === 'internal') {
      deps.logger.error('health check failed unexpectedly', { cause: error.cause });
    } else {
      deps.logger.info('health check failed', { code: error.code });
    }
    deps.metrics.healthChecked('error');
    // Grafana shows the message as a title and the details below it. The warnings of earlier stages may be the cause of a
    // later failure.
    const cause = [error.detail, error.advice, ...report.warnings].filter((text) => text !== undefined).join(' ');
    return { status: 'error', message: error.summary, details: report.details(cause) };
  } finally {
    lease?.release();
  }
}
