/**
 * Runs panel queries with the backend's handlers in this process. Refreshes them in parts even if the whole query is
 * fast, or if refreshes in parts are slow. In these cases, the plugin would read the whole range.
 */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { loadParser } from '../../contract/sql/testing/load-parser';
import { type QueryDataDeps } from '../../proxy/handlers/open-request';
import { queryData } from '../../proxy/handlers/query-data';
import { createInstanceStore, type InstanceStore } from '../../proxy/lakehouse/instances/instance-store';
import { depsWith } from '../../proxy/lakehouse/instances/testing/settings-bench';
import { createLogger } from '../../proxy/observe/logging/logger';
import { MemoryBudget } from '../../proxy/observe/memory/memory-budget';
import { createMetrics } from '../../proxy/observe/metrics/metrics';
import { type QuerySummary } from '../../proxy/observe/telemetry/query-summary';
import { ResultCache } from '../../proxy/query/incremental/result-cache';
import { LineRates } from '../../proxy/query/log-slices/line-strategy';
import { type GrafanaUser, type QueryDataRequest, type RequestHeaders } from '../../proxy/query/plugin-request';
import { TableColumns } from '../../proxy/query/table-columns';
import { type JobResults, type ParserJob, ParserJobs } from '../../proxy/sql/edit/parser-jobs';
import { type ReadFrame, readFrames } from './frames';

export interface RefreshedPanel {
  sql: string;
  format?: string;
  intervalMs: number;
  user?: GrafanaUser;
  headers?: RequestHeaders;
}

interface Range {
  fromMs: number;
  toMs: number;
}

export interface RefreshSource {
  /** Sources with different settings share no results. */
  jsonData: MicromegasSettings;
  apiKey: string;
}

const ADA: GrafanaUser = { login: 'ada', name: 'Ada', email: '', role: 'Viewer' };
export const DASHBOARD: RequestHeaders = { 'x-dashboard-uid': 'd', 'x-panel-id': '1' };

/** `IN_PARTS` is the plugin's default. With `WHOLE`, each refresh reads the whole range. */
export const IN_PARTS: MicromegasSettings = {};
export const WHOLE: MicromegasSettings = { incrementalRefreshMinutes: 0 };

export class RefreshBench {
  readonly #store: InstanceStore;
  readonly #deps: QueryDataDeps;
  /** The summaries of all queries. */
  readonly summaries: QuerySummary[] = [];

  /** @param clock Both clocks of the backend, in milliseconds. */
  constructor(clock: Pick<QueryDataDeps, 'now' | 'elapsedMs'>) {
    const logger = createLogger({ write: () => undefined });
    const memory = new MemoryBudget({ totalBytes: 1e9 });
    const jobs = new ParserJobs(loadParser());
    this.#store = createInstanceStore({ ...depsWith(), logger, metrics: createMetrics(), ...clock });
    this.#deps = {
      ...clock,
      observers: [{ queryEnded: (summary) => this.summaries.push(summary) }],
      logger,
      parser: {
        run: <Job extends ParserJob>(job: Job) => {
          const end = jobs.run(job);
          return end.kind === 'done'
            ? Promise.resolve(end.value as JobResults[Job['kind']])
            : Promise.reject(new Error(end.kind));
        },
      },
      columns: new TableColumns(clock.elapsedMs),
      memory,
      store: this.#store,
      freshness: { begin: () => () => Promise.resolve(undefined) },
      lineRates: new LineRates(),
      refresh: { ...clock, results: new ResultCache(memory.kept), minWholeMs: 0, maxCost: Infinity },
      startTimer: () => () => undefined,
    };
  }

  /**
   * The columns of all frames, as JSON.
   *
   * @throws If the query fails.
   */
  async read(panel: RefreshedPanel, range: Range, source: RefreshSource): Promise<string> {
    const columns = (await this.frames(panel, range, source)).flatMap((frame) =>
      Object.keys(frame.types).map((name) => [name, frame.types[name], frame.labels(name), frame.column(name)])
    );
    return JSON.stringify(columns, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  }

  /** @throws If the query fails. */
  async frames(panel: RefreshedPanel, range: Range, source: RefreshSource): Promise<ReadFrame[]> {
    const request = requestOf(panel, range, source);
    const { responses, done } = await queryData(request, this.#deps, new AbortController().signal);
    const response = responses.get('A');
    if (response === undefined || response.error !== undefined) {
      throw new Error(`${response?.error}: ${panel.sql}`);
    }
    const frames = readFrames({ frames: response.frames.map((pieces) => Buffer.concat(pieces)) });
    done();
    return frames;
  }

  /**
   * For queries that may be refreshed in parts: the numbers of refreshes in parts and of refreshes of the whole range.
   */
  counts(): { parts: number; whole: number } {
    const count = (wanted: string) => this.summaries.filter(({ refreshed }) => refreshed === wanted).length;
    return { parts: count('parts'), whole: count('whole') };
  }

  close(): void {
    this.#store.close();
  }
}

function requestOf(
  { sql, format = 'table', intervalMs, user = ADA, headers = DASHBOARD }: RefreshedPanel,
  timeRange: Range,
  { jsonData, apiKey }: RefreshSource
): QueryDataRequest {
  const dataSource = {
    uid: JSON.stringify(jsonData),
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(JSON.stringify(jsonData)),
    decryptedSecureJsonData: { token: apiKey },
    lastUpdatedMs: 0,
  };
  const model = { version: 2, format, query: sql, autoLimit: false, timeFilter: true };
  return {
    context: { orgId: 1, pluginId: 'p', namespace: '', user, dataSource, grafanaConfig: {} },
    headers,
    queries: [{ refId: 'A', maxDataPoints: 1000, intervalMs, timeRange, json: Buffer.from(JSON.stringify(model)) }],
    encoding: 'arrow',
  };
}
