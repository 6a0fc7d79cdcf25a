/**
 * A query that nobody waits for any more is stopped by a real Micromegas too: its audit calls it `incomplete`, the client
 * having gone away, and says how soon.
 */
import assert from 'node:assert/strict';
import { onlyFrame } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { readAudit } from './audit';
import { type Checklist } from './checklist';
import { eventually } from '../support/eventually';
import { type RealLake } from './real-micromegas';

const APPEARS_WITHIN_MS = 60_000;

/** Far more rows than any check reads; they take the server minutes. */
const ENDLESS = 'FROM generate_series(1, 1000000000000)';

interface Case {
  name: string;
  /** Distinguishes the SQL of the case in the audit. */
  mark: string;
  /** What the answer's error says; undefined when the answer is cut rather than refused, and when there is none. */
  error: RegExp | undefined;
  settings?: object;
  model?: object;
  cancels?: boolean;
}

const cases: Case[] = [
  { name: 'Grafana cancels', mark: 'cancelled', cancels: true, error: undefined },
  { name: 'its time is over', mark: 'late', settings: { queryTimeoutSeconds: 1, maxRows: 1e12 }, error: /longer than/ },
  { name: 'a limit of rows is reached', mark: 'rows', settings: { maxRows: 100_000 }, error: undefined },
  { name: 'a limit of bytes is reached', mark: 'bytes', settings: { maxAnswerMegabytes: 1 }, error: undefined },
];

export async function checkCancellation(list: Checklist, lake: RealLake): Promise<void> {
  for (const each of cases) {
    await list.check(`micromegas: the query ends on the server when ${each.name}`, async () => {
      await run(lake, each);
      const record = await eventually('The audit record', APPEARS_WITHIN_MS, async () =>
        (await readAudit(lake.plugin, lake.sources.apiKey)).find(({ sql }) => sql === sqlOf(each))
      );
      assert.equal(record.status, 'incomplete');
    });
  }
}

const sqlOf = ({ mark }: Case) => `SELECT value, '${mark}' AS mark ${ENDLESS}`;

async function run({ plugin, sources }: RealLake, each: Case): Promise<void> {
  const { apiKey } = sources;
  const source: Source = { ...apiKey, uid: each.mark, jsonData: { ...apiKey.jsonData, ...each.settings } };
  const controller = new AbortController();
  const saved = { query: sqlOf(each), version: 2, timeFilter: false, autoLimit: false, ...each.model };
  const answer = runQuery(plugin, source, saved, { signal: controller.signal });
  if (each.cancels === true) {
    const failed = assert.rejects(answer, /cancel/i);
    while (!/^micromegas_memory_held_bytes [1-9]/m.test(await plugin.collectMetrics())) {
      // Ask again: rows are on their way once the answer holds memory.
    }
    controller.abort();
    await failed;
    return;
  }
  const response = await answer;
  if (each.error === undefined) {
    assert.match(onlyFrame(response).meta.notices?.[0].text ?? '', /^Showing the first [\d,]+ rows/);
  } else {
    assert.match(response.error, each.error);
  }
}
