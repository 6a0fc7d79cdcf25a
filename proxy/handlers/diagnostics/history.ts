/**
 * The last requests and the last check of each data source, for the diagnostics file. The history keeps the last 200
 * requests of a data source, and at most 20,000 requests (32 MB) in total: then the least recently used data source is
 * dropped.
 */
import { Cache } from '../../../contract/cache';
import { type DiagnosticCheck, MAX_DIAGNOSTIC_REQUESTS } from '../../../contract/resources/diagnostics';
import { firstCharacters } from '../../base/errors/truncate-string';
import { type QueryObserver, type QuerySummary } from '../../observe/telemetry/query-summary';

/** Identifies a data source among all organizations and all Grafana servers that share the process. */
export interface SourceId {
  readonly grafanaUrl?: string;
  readonly orgId: number;
  readonly uid: string;
}

export type RecentRequest = Omit<QuerySummary, 'orgId' | 'dataSourceUid' | 'grafanaUrl'>;

interface Entry {
  /** The requests, the oldest first. */
  readonly requests: RecentRequest[];
  readonly check: DiagnosticCheck | undefined;
}

/** Maximum number of requests of all data sources together. */
const MAX_REQUESTS_IN_ALL = 20_000;
/** A data source with its last check counts as this number of requests. */
const SOURCE_REQUESTS = 4;

/** Maximum length of a string that comes from a request, in UTF-16 units. */
const MAX_CHARACTERS = 100;

function boundedOr(value: string | undefined): string | undefined {
  return value === undefined ? undefined : firstCharacters(value, MAX_CHARACTERS);
}

function keyOf({ grafanaUrl, orgId, uid }: SourceId): string {
  return JSON.stringify([orgId, uid, grafanaUrl]);
}

/** Records the ends of queries and the results of checks. There is one `History` in a process. */
export class History implements QueryObserver {
  readonly #entries = new Cache<Entry>({
    maxSize: MAX_REQUESTS_IN_ALL,
    sizeOf: ({ requests }) => requests.length + SOURCE_REQUESTS,
  });

  queryEnded(summary: QuerySummary): void {
    const { orgId, dataSourceUid: uid, grafanaUrl } = summary;
    if (uid === undefined) {
      return;
    }
    const source = { grafanaUrl, orgId, uid };
    const { requests, check } = this.of(source);
    const { startedMs, durationMs, stagesMs, code, rows, bytes } = summary;
    const request = {
      startedMs,
      durationMs,
      stagesMs,
      code,
      rows,
      bytes,
      refId: firstCharacters(summary.refId, MAX_CHARACTERS),
      format: firstCharacters(summary.format, MAX_CHARACTERS),
      entrypoint: boundedOr(summary.entrypoint),
      dashboardUid: boundedOr(summary.dashboardUid),
      panelId: boundedOr(summary.panelId),
      traceId: boundedOr(summary.traceId),
      queryId: boundedOr(summary.queryId),
    };
    requests.push(request);
    if (requests.length > MAX_DIAGNOSTIC_REQUESTS) {
      requests.shift();
    }
    this.#entries.set(keyOf(source), { requests, check });
  }

  /** Replaces the last check of the data source. */
  checked(source: SourceId, check: DiagnosticCheck): void {
    this.#entries.set(keyOf(source), { ...this.of(source), check });
  }

  /** The history of a data source. Empty if nothing is recorded. */
  of(source: SourceId): Entry {
    return this.#entries.get(keyOf(source)) ?? { requests: [], check: undefined };
  }
}
