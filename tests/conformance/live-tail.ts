/** Checks a live tail of a real Micromegas while the OpenTelemetry SDK sends log records. */
import assert from 'node:assert/strict';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { asyncScheduler, from } from 'rxjs';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { tailLoop, type TailUpdate } from '../../src/explore/live-tail/tail-loop';
import { eventually } from '../support/eventually';
import { readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { runSteps } from '../support/tail-steps';
import { type Checklist } from './checklist';
import { SENT } from './otlp';
import { type KeySources } from './sources';

/** See `APPEARS_WITHIN_MS` of real-micromegas.ts. */
const APPEARS_WITHIN_MS = 180_000;
const BATCHES = 5;
const LINES_PER_BATCH = 200;
/** A line arrives at most an hour after its time. */
const OLDEST_MS = 3_600_000;

const logs = (query: string) => ({ query, version: 2, format: 'logs' as const });

interface Lake {
  plugin: PluginProcess;
  sources: KeySources;
  ingestion: string;
}

/** Sends several batches while the tail runs. */
async function sendLines(ingestion: string, service: string): Promise<void> {
  const exporter = new OTLPLogExporter({ url: `${ingestion}/ingestion/otlp/v1/logs` });
  const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: LINES_PER_BATCH * 2 });
  const resource = resourceFromAttributes({ 'service.name': service });
  const provider = new LoggerProvider({ resource, processors: [processor] });
  const logger = provider.getLogger(SENT.target);
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let line = 0; line < LINES_PER_BATCH; line++) {
      const timestamp = Date.now() - ((line * 7919) % LINES_PER_BATCH) * (OLDEST_MS / LINES_PER_BATCH);
      logger.emit({ severityNumber: 9, timestamp, body: `batch ${batch} line ${line}` });
    }
    await provider.forceFlush();
  }
  await provider.shutdown();
}

function stringsOf(update: TailUpdate | undefined): string[] {
  const fields = update?.views.get('A')?.lines.fields ?? [];
  return (fields.find(({ name }) => name === 'body')?.values ?? []).map(String);
}

export async function checkLiveTail(list: Checklist, { plugin, sources, ingestion }: Lake): Promise<void> {
  const source = sources.apiKey;
  await list.check('micromegas: a live tail shows every line once', async () => {
    // The name must not contain the program name of the other checks, because they search for that name.
    const service = `tail-${SENT.exe.replace('/', '-')}`;
    const models = { A: logs(`SELECT time, msg FROM log_entries WHERE exe = '${service}'`) };
    const nowMs = Date.now();
    const options = { range: { fromMs: nowMs - OLDEST_MS / 2, toMs: nowMs } };
    let last: TailUpdate | undefined;
    const tail = tailLoop(
      [{ refId: 'A', capacity: BATCHES * LINES_PER_BATCH * 2 }],
      (steps) => from(runSteps(plugin, source, models, steps, options)),
      asyncScheduler
    ).subscribe((update) => (last = update));
    try {
      await sendLines(ingestion, service);
      await eventually('All lines', APPEARS_WITHIN_MS, async () =>
        stringsOf(last).length >= BATCHES * LINES_PER_BATCH ? true : undefined
      );
    } finally {
      tail.unsubscribe();
    }
    assert.deepEqual(last?.errors, []);
    assert.equal(stringsOf(last).length, BATCHES * LINES_PER_BATCH);
    assert.equal(new Set(stringsOf(last)).size, BATCHES * LINES_PER_BATCH);
    const { late, missed, gapSeconds } = last.views.get('A')!.status;
    assert.deepEqual({ late, missed, gapSeconds }, { late: 0, missed: 0, gapSeconds: 0 });
  });
  await list.check('micromegas: a live tail does not show the audit records of its own queries', async () => {
    const audit = "SELECT time, msg FROM log_entries WHERE target = 'flightsql_query_audit'";
    const own = `${audit} AND msg LIKE '%"entrypoint":"live-tail"%'`;
    const count = async (query: string) =>
      readFrames(await runQuery(plugin, source, { ...logs(query), rowLimit: 1 })).length;
    // A server that this run did not start may have no audit log.
    if ((await count(audit)) > 0) {
      await eventually('A record', APPEARS_WITHIN_MS, async () => ((await count(own)) > 0 ? true : undefined));
    }
    const followed = await runQuery(plugin, source, {
      ...logs(own),
      tail: { kind: 'lines', ageSeconds: 600, limit: 10 },
    });
    assert.deepEqual([followed.error, readFrames(followed).length], ['', 0]);
  });
}
