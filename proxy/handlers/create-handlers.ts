/** Joins the handlers with what they share: the instances, the metrics, the log. */
import { createInstanceStore } from '../instances/instance-store';
import { type Logger } from '../logging/logger';
import { type Metrics } from '../metrics/metrics';
import { callResource } from './call-resource';
import { checkHealth } from './check-health';
import { type Handlers } from './plugin-request';
import { queryData } from './query-data';

export interface HandlerDeps {
  logger: Logger;
  metrics: Metrics;
  /** Milliseconds since 1970. */
  now: () => number;
  fetch: typeof fetch;
}

/** @returns The handlers, and how to end the connections that they keep. */
export function createHandlers(deps: HandlerDeps): { handlers: Handlers; close(): Promise<void> } {
  const store = createInstanceStore(deps);
  const shared = { ...deps, store };
  return {
    handlers: {
      queryData: (request, signal) => queryData(request, shared, signal),
      checkHealth: (request, signal) => checkHealth(request, shared, signal),
      callResource: (request, signal) => callResource(request, shared, signal),
      collectMetrics: () => deps.metrics.render(),
    },
    close: async () => store.close(),
  };
}
