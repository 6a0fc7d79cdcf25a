/**
 * One check for those who ask for the same at about the same time.
 *
 * Saving a data source asks twice: Grafana for its Save & Test, the settings page for the details that Grafana shows on
 * failure only. Two checks could tell different stories, and the second would meet the pause that the first one's failure
 * starts at the identity provider.
 */
import { createHash } from 'node:crypto';
import { versionOf } from '../instances/saved-data-source';
import { type CheckHealthRequest, type CheckHealthResult } from './plugin-request';

export type CheckHealth = (request: CheckHealthRequest, signal: AbortSignal) => Promise<CheckHealthResult>;

/** Milliseconds for which a result answers those who ask for the same. Too short to press a button in after a change. */
const SHARED_FOR_MS = 2_000;

interface SharedCheck {
  result: Promise<CheckHealthResult>;
  /** Ends the check; called when nobody waits for it any more. */
  abort: () => void;
  waiting: number;
  /** Milliseconds since 1970; undefined while it runs. */
  endedMs: number | undefined;
}

/** Equal for equal settings asked for by the same person with the same tokens. Holds secrets as a hash only. */
function keyOf({ context, headers }: CheckHealthRequest): string {
  const { dataSource, user } = context;
  const version = dataSource && [dataSource.grafanaUrl, dataSource.orgId, dataSource.uid, versionOf(dataSource)];
  const asked = [headers['authorization'], headers['x-id-token'], headers['fromalert']];
  return createHash('sha256')
    .update(JSON.stringify([version, user, asked]))
    .digest('base64');
}

/**
 * @param check Never rejects.
 * @param now Milliseconds since 1970.
 * @returns `check`, shared. A caller who leaves does not end what others wait for.
 */
export function shareChecks(check: CheckHealth, now: () => number): CheckHealth {
  const checks = new Map<string, SharedCheck>();

  function dropOld(): void {
    for (const [key, { endedMs }] of checks) {
      if (endedMs !== undefined && now() - endedMs >= SHARED_FOR_MS) {
        checks.delete(key);
      }
    }
  }

  function start(key: string, request: CheckHealthRequest): SharedCheck {
    const controller = new AbortController();
    const shared: SharedCheck = {
      result: check(request, controller.signal),
      abort: () => {
        controller.abort();
        checks.delete(key);
      },
      waiting: 0,
      endedMs: undefined,
    };
    void shared.result.then(() => (shared.endedMs = now()));
    checks.set(key, shared);
    return shared;
  }

  return async (request, signal) => {
    dropOld();
    const key = keyOf(request);
    const shared = checks.get(key) ?? start(key, request);
    shared.waiting += 1;
    const leave = () => {
      shared.waiting -= 1;
      if (shared.waiting === 0 && shared.endedMs === undefined) {
        shared.abort();
      }
    };
    if (signal.aborted) {
      leave();
      return shared.result;
    }
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await shared.result;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };
}
