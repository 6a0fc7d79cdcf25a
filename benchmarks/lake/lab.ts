/** Measures the costs of queries: time, CPU time of the server, and values of the server's audit log. */
import { z } from 'zod';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../../tests/support/eventually';
import { type Source } from '../../tests/support/plugin';
import { usageOf } from '../process-usage';
import { type Lake } from './lake';

/** The average cost of one query. */
export interface Costs {
  label: string;
  statements: number;
  bytesScanned: number;
  /** The highest peak memory of all statements. */
  peakBytes: number;
  wallMs: number;
  /**
   * CPU time of the server, minus the CPU time of the idle server. Undefined if the benchmark did not start the server.
   */
  cpuMs: number | undefined;
}

interface Measurement {
  label: string;
  queries: number;
  wallMs: number;
  cpuMs: number | undefined;
}

const auditRecord = z.object({
  notebook: z.string(),
  bytes_scanned: z.number(),
  peak_memory_bytes: z.number(),
});

const IDLE_MS = 10_000;
const APPEARS_WITHIN_MS = 120_000;
const LAST = 'bench-last';

export interface LabOptions {
  lake: Lake;
  plugin: PluginProcess;
  source: Source;
  /** Time range of the telemetry that was sent before the measurements, in milliseconds since 1970. */
  fromMs: number;
  toMs: number;
}

export class Lab {
  readonly lake: Lake;
  readonly plugin: PluginProcess;
  readonly source: Source;
  readonly fromMs: number;
  readonly toMs: number;
  readonly #measured = new Map<string, Measurement>();
  readonly #startedMs = Date.now();
  #idleShare = 0;

  constructor({ lake, plugin, source, fromMs, toMs }: LabOptions) {
    this.lake = lake;
    this.plugin = plugin;
    this.source = source;
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  /** Measures the CPU time of the idle server. */
  async measureIdle(): Promise<void> {
    const before = this.#cpuMs() ?? 0;
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    this.#idleShare = ((this.#cpuMs() ?? 0) - before) / IDLE_MS;
  }

  get idleShare(): number {
    return this.#idleShare;
  }

  #cpuMs(): number | undefined {
    const { pid } = this.lake;
    return pid === undefined ? undefined : usageOf(pid).cpuMs;
  }

  /**
   * Measures queries. Measurements with the same label are added up.
   *
   * @param label   Letters, digits and spaces.
   * @param queries The number of queries that `work` runs.
   * @param work    A function that runs the queries. The function must send the headers with each query, because
   * `costs` finds queries in the audit log by these headers.
   */
  async measure(
    label: string,
    queries: number,
    work: (headers: Record<string, string>) => Promise<unknown>
  ): Promise<void> {
    const startedMs = performance.now();
    const cpuBefore = this.#cpuMs();
    await work({ 'http_X-Dashboard-Uid': notebookOf(label) });
    const wallMs = performance.now() - startedMs;
    const cpuAfter = this.#cpuMs();
    const cpuMs =
      cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore - wallMs * this.#idleShare;
    const known = this.#measured.get(label);
    this.#measured.set(label, {
      label,
      queries: (known?.queries ?? 0) + queries,
      wallMs: (known?.wallMs ?? 0) + wallMs,
      cpuMs: cpuMs === undefined ? undefined : (known?.cpuMs ?? 0) + cpuMs,
    });
  }

  /** The costs of all measurements so far, from the audit log. */
  async costs(): Promise<Costs[]> {
    await this.lake.client.query('SELECT 1', { 'x-client-notebook': LAST });
    const records = await eventually('The audit records', APPEARS_WITHIN_MS, () => this.#records());
    return [...this.#measured.values()].map(({ label, queries, wallMs, cpuMs }) => {
      const own = records.filter(({ notebook }) => notebook === notebookOf(label));
      return {
        label,
        statements: own.length / queries,
        bytesScanned: own.reduce((sum, record) => sum + record.bytes_scanned, 0) / queries,
        peakBytes: Math.max(0, ...own.map((record) => record.peak_memory_bytes)),
        wallMs: wallMs / queries,
        cpuMs: cpuMs === undefined ? undefined : cpuMs / queries,
      };
    });
  }

  /** The audit records of the benchmark. Undefined as long as the last record is missing. */
  async #records(): Promise<Array<z.infer<typeof auditRecord>> | undefined> {
    const sql = `SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit' AND msg LIKE '%"notebook":"bench-%'`;
    const rows = await this.lake.client.rows(sql, {
      query_range_begin: new Date(this.#startedMs).toISOString(),
      query_range_end: new Date(Date.now() + 60_000).toISOString(),
    });
    const records = rows.map(({ msg }) => auditRecord.parse(JSON.parse(String(msg))));
    return records.some(({ notebook }) => notebook === LAST) ? records : undefined;
  }
}

const notebookOf = (label: string): string => `bench-${label.replaceAll(/\W+/g, '-')}`;
