/** Reads from the diagnostics file how many statements the backend cancelled, and how long the server had them. */
import { type DiagnosticRequest, type DiagnosticsFile } from '../../contract/resources/diagnostics';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { LATE_AFTER_MS } from '../../proxy/lakehouse/instances/late-statements';
import { eventually } from '../../tests/support/eventually';
import { pluginContext, type Source } from '../../tests/support/plugin';

const ENDED_WITHIN_MS = 10_000;

export interface Cancelled {
  /** Queries that were cancelled, also those that waited for a slot. */
  cancelled: number;
  /** Those whose statement the server had for longer than `LATE_AFTER_MS`. Only these may keep a place. */
  late: number;
}

type TimedRequest = Pick<DiagnosticRequest, 'code' | 'stagesMs'>;

/** Counts the cancelled queries. The wait for a slot is no time of the server. */
export function countCancelled(requests: readonly TimedRequest[]): Cancelled {
  const cancelled = requests.filter(({ code }) => code === 'query_cancelled');
  const late = cancelled.filter(
    ({ stagesMs: { first_batch: first = 0, receive = 0 } }) => first + receive > LATE_AFTER_MS
  );
  return { cancelled: cancelled.length, late: late.length };
}

/** Waits until the queries of a dashboard have ended. @returns The queries. */
export function endedRequests(
  plugin: PluginProcess,
  source: Source,
  dashboardUid: string,
  count: number
): Promise<DiagnosticRequest[]> {
  return eventually('The ends of the queries', ENDED_WITHIN_MS, async () => {
    const { body } = await plugin.callResource({ context: pluginContext(source), path: 'diagnostics', method: 'GET' });
    const { dataSource }: DiagnosticsFile = JSON.parse(new TextDecoder().decode(body));
    const ended = dataSource.requests.filter((request) => request.dashboardUid === dashboardUid);
    return ended.length === count ? ended : undefined;
  });
}
