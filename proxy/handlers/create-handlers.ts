/** Joins the handlers with what they share: the instances, the metrics, the log. */
import { createInstanceStore, type InstanceStoreDeps } from '../instances/instance-store';
import { type MemoryBudget } from '../memory/memory-budget';
import { type Metrics } from '../metrics/metrics';
import { callResource } from './call-resource';
import { checkHealth } from './check-health';
import { PendingProofs } from './health/pending-proofs';
import { type Handlers } from './plugin-request';
import { queryChunkedData } from './query-chunked-data';
import { queryData } from './query-data';
import { shareChecks } from './shared-checks';

/** What the instances need, metrics that can be shown, and the memory that all answers share. */
export type HandlerDeps = InstanceStoreDeps & { metrics: Metrics; memory: MemoryBudget };

/** @returns The handlers, and how to end the connections that they keep. */
export function createHandlers(deps: HandlerDeps): { handlers: Handlers; close(): Promise<void> } {
  const store = createInstanceStore(deps);
  const proofs = new PendingProofs(deps.now);
  const check = shareChecks((request, signal) => checkHealth(request, { ...deps, store, proofs }, signal), deps.now);
  const shared = { ...deps, store, proofs, checkHealth: check };
  return {
    handlers: {
      queryData: (request, signal) => queryData(request, shared, signal),
      queryChunkedData: (request, signal) => queryChunkedData(request, shared, signal),
      checkHealth: check,
      callResource: (request, signal) => callResource(request, shared, signal),
      collectMetrics: () => deps.metrics.render(),
    },
    close: async () => store.close(),
  };
}
