/**
 * Checks that a real Micromegas stops a query that the plugin ends early. The audit record then has the status
 * `incomplete`: the client closed the stream.
 */
import assert from 'node:assert/strict';
import { eventually } from '../support/eventually';
import { onlyFrame } from '../support/frames';
import { metricValue } from '../support/metrics';
import { runQuery, type Source } from '../support/plugin';
import { readAudit } from './audit';
import { type Checklist } from './checklist';
import { APPEARS_WITHIN_MS, type OwnLake } from './real-micromegas';

/** The server needs minutes to compute so many rows. */
const ENDLESS = 'FROM generate_series(1, 100000) AS a CROSS JOIN generate_series(1, 10000000) AS b';

/** More than the 8 MiB that a query reserves before the server sends data. */
const RECEIVED_BYTES = 16 * 1024 * 1024;

function heldBytes(metrics: string): number {
  return metricValue(metrics, 'micromegas_memory_held_bytes') ?? 0;
}

interface Case {
  name: string;
  /** A string in the SQL, by which the test finds the audit record of this case. */
  mark: string;
  /** Expected error of the query. Undefined: the result is truncated, or Grafana cancels the query. */
  error: RegExp | undefined;
  settings?: object;
  cancels?: boolean;
}

const cases: Case[] = [
  { name: 'Grafana cancels it', mark: 'cancelled', settings: { maxRows: 1e12 }, cancels: true, error: undefined },
  {
    name: 'its timeout has passed',
    mark: 'late',
    settings: { queryTimeoutSeconds: 1, maxRows: 1e12 },
    error: /longer than/,
  },
  { name: 'the limit of rows is reached', mark: 'rows', settings: { maxRows: 100_000 }, error: undefined },
  { name: 'the limit of bytes is reached', mark: 'bytes', settings: { maxAnswerMegabytes: 1 }, error: undefined },
];

export async function checkCancellation(list: Checklist, lake: OwnLake): Promise<void> {
  for (const each of cases) {
    await list.check(`micromegas: the server stops a query when ${each.name}`, async () => {
      await run(lake, each);
      const record = await eventually('The audit record', APPEARS_WITHIN_MS, async () =>
        (await readAudit(lake.plugin, lake.sources.apiKey)).find(({ sql }) => sql === sqlOf(each))
      );
      assert.equal(record.status, 'incomplete');
    });
  }
}

const sqlOf = ({ mark }: Case) => `SELECT b.value, '${mark}' AS mark ${ENDLESS}`;

async function run({ plugin, sources }: OwnLake, each: Case): Promise<void> {
  const { apiKey } = sources;
  const source: Source = { ...apiKey, uid: each.mark, jsonData: { ...apiKey.jsonData, ...each.settings } };
  const controller = new AbortController();
  const saved = { query: sqlOf(each), version: 2, timeFilter: false, autoLimit: false };
  const running = runQuery(plugin, source, saved, { signal: controller.signal });
  if (each.cancels === true) {
    const failed = assert.rejects(running, /cancel/i);
    // If the loop throws, `failed` is not awaited. Without this handler, the later rejection of `failed` would end the
    // run.
    failed.catch(() => undefined);
    let hasEnded = false;
    void running.catch(() => undefined).then(() => (hasEnded = true));
    while (!hasEnded && heldBytes(await plugin.collectMetrics()) < RECEIVED_BYTES) {
      // Poll until the query holds more memory than it reserves at its start. Then rows have arrived.
    }
    assert.equal(hasEnded, false, 'The query ended before it was cancelled.');
    controller.abort();
    await failed;
    return;
  }
  const response = await running;
  if (each.error === undefined) {
    assert.match(onlyFrame(response).meta.notices?.[0].text ?? '', /^Showing the first [\d,]+ rows/);
  } else {
    assert.match(response.error, each.error);
  }
}
