import { QUERY_STAGES } from '../../telemetry/query-stages';
import { TOKEN_REQUEST_REASONS } from '../../telemetry/token-events';
import { type Metrics } from '../metrics';

/** Reports each event at least once, so that each metric has a sample with all of its labels. */
export function fillMetrics(metrics: Metrics): void {
  const stagesMs = Object.fromEntries(QUERY_STAGES.map((stage) => [stage, 1]));
  const summary = { refId: 'A', format: 'table', startedMs: 0, durationMs: 1, rows: 1, bytes: 1, stagesMs, orgId: 1 };
  metrics.queryStarted();
  metrics.queryEnded({ ...summary, code: 'ok', refreshed: 'parts', sharedFrom: 'memory' });
  TOKEN_REQUEST_REASONS.forEach((reason) => metrics.tokenRequested({ reason, code: 'ok', durationMs: 1 }));
  metrics.tokenRequested({ reason: 'retry', code: 'provider_refused', durationMs: 1 });
  metrics.tokenRejected('service_account');
  metrics.callRepeated();
  metrics.watchMemory({ totalBytes: 2, heldBytes: 1, waiting: 0 });
  metrics.memoryWaited(1);
  metrics.memoryRejected();
  metrics.connections.opened();
  metrics.connections.ended('lost');
  metrics.connections.failed();
  metrics.healthChecked('ok');
  metrics.resourceCalled('tables', 200);
}
