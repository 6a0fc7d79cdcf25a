/**
 * Builds the diagnostics file of one data source.
 *
 * The file contains only a fixed list of facts and settings. Values of settings that contain a stored secret are
 * hidden. The file has no log lines, because these may be about other data sources.
 */
import {
  type DiagnosticRequest,
  DIAGNOSTICS_VERSION,
  type DiagnosticsFile,
} from '../../../contract/resources/diagnostics';
import { type SavedDataSource } from '../../lakehouse/instances/saved-data-source';
import { PLUGIN_VERSION } from '../../base/version';
import { describeSettings } from './describe-settings';
import { type History, type RecentRequest } from './history';

interface DiagnosticsDeps {
  history: History;
  /** Validates settings in the same way as a query does. Throws a ProxyError if they are invalid. */
  parse: (source: SavedDataSource) => unknown;
  /** Milliseconds since 1970. */
  now: () => number;
}

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

/** Builds the diagnostics file of one data source. */
export function createDiagnostics(source: SavedDataSource, deps: DiagnosticsDeps): DiagnosticsFile {
  const { requests, check } = deps.history.of(source);
  return {
    format: 'micromegas-diagnostics',
    formatVersion: DIAGNOSTICS_VERSION,
    createdAt: isoTime(deps.now()),
    plugin: { version: PLUGIN_VERSION },
    dataSource: {
      uid: source.uid,
      orgId: source.orgId,
      lastChangedAt: isoTime(source.lastUpdatedMs),
      settings: describeSettings(source, () => deps.parse(source)),
      ...(check !== undefined && { lastCheck: check }),
      requests: requests.map(describeRequest),
    },
  };
}
