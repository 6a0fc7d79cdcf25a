/**
 * Runs one check for equal requests that arrive at about the same time.
 *
 * When a user saves a data source, two checks are requested: one by Grafana's Save & test, and one by the settings
 * page, for the details that Grafana shows only after a failure. If both checks ran, their results could differ.
 */
import { StringMap } from '../../contract/string-map';
import { digestOf } from '../base/digest';
import { versionOf } from '../lakehouse/instances/saved-data-source';
import { type CheckHealthRequest, type CheckHealthResult } from '../query/plugin-request';

export type CheckHealth = (request: CheckHealthRequest, signal: AbortSignal) => Promise<CheckHealthResult>;

/**
 * Time in milliseconds for which a result is reused after the end of its check. It is shorter than the time that a user
 * needs to change a setting and to press the button again.
 */
const SHARED_FOR_MS = 2_000;

interface SharedCheck {
  result: Promise<CheckHealthResult>;
  /** Ends the check. Called when the last caller of the check has left. */
  abort: () => void;
  /** The number of callers that still wait. Only used while the check runs. */
  waiting: number;
  /** End of the check in milliseconds of `elapsedMs`; undefined while the check runs. */
  endedMs: number | undefined;
}

/**
 * A key that is equal for requests of the same user with the same settings and tokens. It contains secrets only as a
 * hash.
 */
function keyOf({ context, headers }: CheckHealthRequest): string {
  const { dataSource, user } = context;
  const version = dataSource && [dataSource.grafanaUrl, dataSource.orgId, dataSource.uid, versionOf(dataSource)];
  const asked = [headers['authorization'], headers['x-id-token'], headers['fromalert']];
  return digestOf(JSON.stringify([version, user, asked]));
}

/**
 * @param check Never rejects.
 * @param elapsedMs Milliseconds of a monotonic clock, because people repeat the check right after they correct the
 *   system clock.
 * @returns `check`, shared between callers. A caller who leaves does not end the check for the others.
 */
export function shareChecks(check: CheckHealth, elapsedMs: () => number): CheckHealth {
  const checks = new StringMap<SharedCheck>();

  function dropOld(): void {
    for (const [key, { endedMs }] of checks) {
      if (endedMs !== undefined && elapsedMs() - endedMs >= SHARED_FOR_MS) {
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
    void shared.result.then(() => (shared.endedMs = elapsedMs()));
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
