/**
 * Refreshes queries in parts on a real Micromegas while lines arrive, some of them late. Compares the results with the
 * results of the same queries over the whole range.
 */
import assert from 'node:assert/strict';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { type MicromegasSettings } from '../../contract/settings/settings';
import { eventually } from '../support/eventually';
import { IN_PARTS, RefreshBench, WHOLE } from '../support/refresh-bench';
import { type Checklist } from './checklist';
import { SENT } from './otlp';
import { type KeySources } from './sources';

/** See `APPEARS_WITHIN_MS` of real-micromegas.ts. */
const APPEARS_WITHIN_MS = 180_000;
const ROUNDS = 12;
const LINES = 20;
const MINUTE_MS = 60_000;
const RANGE_MS = 180 * MINUTE_MS;
/** Maximum age of the older lines when they are sent. */
const LATE_MS = 20 * MINUTE_MS;

/** The name must not contain the program name of the other checks, because they search for that name. */
const SERVICE = `refreshed-${SENT.exe.replace('/', '-')}`;
const OF_SERVICE = `exe = '${SERVICE}'`;
const PANELS = [
  `SELECT $__dateBin(time) AS t, level, count(*) AS n FROM log_entries WHERE $__timeFilter(time) AND ${OF_SERVICE} GROUP BY 1, 2 ORDER BY 1, 2`,
  `SELECT $__dateBin(time, '5m') AS t, count(DISTINCT msg) AS n, max(time) AS last FROM log_entries WHERE ${OF_SERVICE} GROUP BY 1 ORDER BY t DESC`,
  `SELECT date_bin(interval '2 minutes', time) AS t, target, count(*) AS n FROM log_entries WHERE time >= $__timeFrom() AND time <= $__timeTo() AND ${OF_SERVICE} GROUP BY t, target HAVING count(*) > 2 ORDER BY t, target`,
].map((sql) => ({ sql, intervalMs: MINUTE_MS }));

interface Lake {
  sources: KeySources;
  ingestion: string;
}

export async function checkIncrementalRefresh(list: Checklist, { sources, ingestion }: Lake): Promise<void> {
  await list.check('micromegas: time bins that are refreshed in parts', async () => {
    const exporter = new OTLPLogExporter({ url: `${ingestion}/ingestion/otlp/v1/logs` });
    const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: LINES * 2 });
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': SERVICE }),
      processors: [processor],
    });
    const bench = new RefreshBench({ now: Date.now, elapsedMs: () => performance.now() });
    try {
      const compared = await refreshPanels(bench, sources, async (round) => {
        const logger = provider.getLogger(SENT.target);
        for (let line = 0; line < LINES; line++) {
          const timestamp = Date.now() - (line % 3 === 0 ? ((line * 7919) % LINES) * (LATE_MS / LINES) : 0);
          logger.emit({ severityNumber: 9 + (line % 2) * 4, timestamp, body: `round ${round} line ${line}` });
        }
        await provider.forceFlush();
      });
      assert.ok(compared > ROUNDS, `${compared} refreshes in parts were compared`);
    } finally {
      bench.close();
      await provider.shutdown();
    }
  });
}

/** @returns The number of refreshes in parts that returned the same rows as a query over the whole range. */
async function refreshPanels(
  bench: RefreshBench,
  { apiKey: { jsonData, secureJsonData } }: KeySources,
  send: (round: number) => Promise<void>
): Promise<number> {
  const sourceOf = (settings: MicromegasSettings) => ({
    jsonData: { ...jsonData, ...settings },
    apiKey: secureJsonData?.token ?? '',
  });
  let compared = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await send(round);
    if (round === 0) {
      await eventually('The first lines', APPEARS_WITHIN_MS, async () => {
        const rows = await bench.read(PANELS[0], lastHours(), sourceOf(WHOLE));
        return rows.includes('[]') ? undefined : true;
      });
    }
    const range = lastHours();
    for (const panel of PANELS) {
      const readWhole = () => bench.read(panel, range, sourceOf(WHOLE));
      const { parts } = bench.counts();
      const before = await readWhole();
      const refreshed = await bench.read(panel, range, sourceOf(IN_PARTS));
      const after = await readWhole();
      // Lines may have become readable between `before` and `after`.
      if (before === after) {
        assert.equal(refreshed, after, panel.sql);
        compared += bench.counts().parts - parts;
      }
    }
  }
  return compared;
}

function lastHours() {
  const toMs = Date.now();
  return { fromMs: toMs - RANGE_MS, toMs };
}
