/**
 * The last requests and the last check of each data source, for the diagnostics file. The history keeps the last 200
 * requests of a data source. If there are more than 20,000 requests (32 MB) in total, the least recently used data
 * source is dropped.
 */
import { StringMap } from '../../../contract/string-map';
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
  check: DiagnosticCheck | undefined;
}

/** Maximum number of requests of all data sources together. */
const MAX_REQUESTS_IN_ALL = 20_000;
/** Maximum number of data sources. It also limits entries that have a check but no requests. */
const MAX_SOURCES = 5_000;

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
  /** The entries by data source, the least recently used first. */
  readonly #entries = new StringMap<Entry>();
  #count = 0;

  queryEnded(summary: QuerySummary): void {
    const { orgId, dataSourceUid: uid, grafanaUrl } = summary;
    if (uid === undefined) {
      return;
    }
    const { requests } = this.#use({ grafanaUrl, orgId, uid });
    const { startedMs, durationMs, stagesMs, code, rows, bytes } = summary;
    requests.push({
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
    });
    this.#count += 1;
    if (requests.length > MAX_DIAGNOSTIC_REQUESTS) {
      requests.shift();
      this.#count -= 1;
    }
    this.#forgetOldest();
  }

  /** Replaces the last check of the data source. */
  checked(source: SourceId, check: DiagnosticCheck): void {
    this.#use(source).check = check;
    this.#forgetOldest();
  }

  /** The history of a data source. Empty if nothing is recorded. */
  of(source: SourceId): Readonly<Entry> {
    return this.#entries.get(keyOf(source)) ?? { requests: [], check: undefined };
  }

  /** The entry of a data source. It becomes the most recently used entry. */
  #use(source: SourceId): Entry {
    const key = keyOf(source);
    const entry = this.#entries.get(key) ?? { requests: [], check: undefined };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  #forgetOldest(): void {
    for (const [key, { requests }] of this.#entries) {
      if (this.#count <= MAX_REQUESTS_IN_ALL && this.#entries.size <= MAX_SOURCES) {
        return;
      }
      this.#entries.delete(key);
      this.#count -= requests.length;
    }
  }
}
