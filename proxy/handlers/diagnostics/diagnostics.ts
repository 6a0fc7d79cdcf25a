/**
 * Builds the diagnostics file of one data source.
 *
 * The file contains only a fixed list of facts and settings. Values of settings that contain a stored secret are
 * hidden. The file has no log lines, because these may be about other data sources. The metrics cover the whole
 * process, but they are counts, and no label contains a data source.
 */
import {
  type DiagnosticRequest,
  DIAGNOSTICS_VERSION,
  type DiagnosticsFile,
} from '../../../contract/resources/diagnostics';
import { foreignLine } from '../../base/errors/foreign-string';
import { type SavedDataSource } from '../../lakehouse/instances/saved-data-source';
import { PLUGIN_VERSION } from '../../base/version';
import { describeProcess, type ProcessFacts } from './describe-process';
import { describeSettings } from './describe-settings';
import { type History, type RecentRequest } from './history';

interface DiagnosticsDeps extends ProcessFacts {
  history: History;
  /** Validates settings in the same way as a query does. Throws a ProxyError if they are invalid. */
  parse: (source: SavedDataSource) => unknown;
  /** Prometheus text exposition. */
  renderMetrics: () => Promise<string>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Maximum length of the user agent, in characters. */
const MAX_USER_AGENT = 200;

function isoTime(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

/** Rounds milliseconds to three decimals. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function describeRequest({ startedMs, refId, format, entrypoint, ...request }: RecentRequest): DiagnosticRequest {
  const { code, durationMs, stagesMs, rows, bytes, dashboardUid, panelId, traceId, queryId } = request;
  return {
    startedAt: isoTime(startedMs),
    refId,
    format,
    code,
    durationMs: rounded(durationMs),
    stagesMs: Object.fromEntries(Object.entries(stagesMs).map(([stage, ms]) => [stage, rounded(ms)])),
    rows,
    bytes,
    ...(entrypoint !== undefined && { entrypoint }),
    ...(dashboardUid !== undefined && { dashboardUid }),
    ...(panelId !== undefined && { panelId }),
    ...(traceId !== undefined && { traceId }),
    ...(queryId !== undefined && { queryId }),
  };
}

/**
 * The values of a Prometheus text exposition, by the name of the sample with its labels. The buckets of histograms, and
 * the errors that no query had, are left out.
 */
export function readSamples(exposition: string): Record<string, number> {
  const samples = exposition.split('\n').flatMap((line): Array<[string, number]> => {
    const at = line.lastIndexOf(' ');
    const isLeftOut = /^(#|\w+_bucket\{|micromegas_query_outcomes_total\{.* 0$)/.test(line);
    return at < 0 || isLeftOut ? [] : [[line.slice(0, at), Number(line.slice(at + 1))]];
  });
  return Object.fromEntries(samples);
}

/** @returns A function that builds the diagnostics file of one data source. */
export function createDiagnostics(
  deps: DiagnosticsDeps
): (source: SavedDataSource, userAgent?: string) => Promise<DiagnosticsFile> {
  const startedMs = deps.now();
  return async (source, userAgent) => {
    const { startedBy, runtime, platform, grafana } = describeProcess(deps);
    const { requests, check } = deps.history.of(source);
    return {
      format: 'micromegas-diagnostics',
      formatVersion: DIAGNOSTICS_VERSION,
      createdAt: isoTime(deps.now()),
      plugin: { version: PLUGIN_VERSION, startedBy, startedAt: isoTime(startedMs) },
      runtime,
      platform,
      grafana: { ...grafana, ...(userAgent !== undefined && { userAgent: foreignLine(userAgent, MAX_USER_AGENT) }) },
      dataSource: {
        uid: source.uid,
        orgId: source.orgId,
        lastChangedAt: isoTime(source.lastUpdatedMs),
        settings: describeSettings(source, () => deps.parse(source)),
        ...(check !== undefined && { lastCheck: check }),
        requests: requests.map(describeRequest),
      },
      metrics: readSamples(await deps.renderMetrics()),
    };
  };
}
