/** Runs queries with additional keys to group by, as viewers of dashboards choose them, on a real Micromegas. */
import assert from 'node:assert/strict';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { onlyFrame } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';

const KEYS = ['exe', 'level', 'process_properties.service.name', 'properties.a', 'process_id'];

const QUERIES: ReadonlyArray<[name: string, query: string]> = [
  ['without GROUP BY', 'SELECT count(*) AS n FROM log_entries'],
  [
    'with a position in GROUP BY',
    'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1',
  ],
  [
    'with an expression in GROUP BY',
    'SELECT upper(l.msg) AS m, count(*) AS n FROM log_entries l GROUP BY upper(l.msg) HAVING count(*) > 0',
  ],
  [
    'with groups that are not selected',
    'SELECT count(*) AS n FROM log_entries l GROUP BY l.exe, level ORDER BY n DESC',
  ],
  ['with a CTE', 'WITH l AS (SELECT * FROM log_entries) SELECT target, count(*) AS n FROM l GROUP BY target'],
];

/** Time limit in milliseconds. A check repeats its queries until no new line becomes readable between them. */
const QUIET_WITHIN_MS = 180_000;
const RANGE_MS = 3 * 3_600_000;

export async function checkGrouping(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const [name, query] of QUERIES) {
    await list.check(`grouping: a query ${name} is grouped`, async () => {
      const toMs = Date.now();
      const range = { fromMs: toMs - RANGE_MS, toMs };
      const ask = async (groupByKeys: string[]) =>
        onlyFrame(await runQuery(plugin, source, { query, version: 2, autoLimit: false, groupByKeys }, { range }));
      const sum = (values: readonly unknown[]) => values.reduce<number>((all, value) => all + Number(value), 0);
      const total = async () => sum((await ask([])).column('n'));
      // New lines may become readable between the queries: the server's own, and those that earlier checks sent.
      await eventually('Equal numbers of lines before and after the grouped query', QUIET_WITHIN_MS, async () => {
        const before = await total();
        const grouped = await ask(KEYS);
        if (before !== (await total())) {
          return undefined;
        }
        assert.deepEqual(grouped.meta.notices ?? [], []);
        assert.deepEqual(Object.keys(grouped.types).slice(-KEYS.length), KEYS);
        assert.equal(sum(grouped.column('n')), before);
        return true;
      });
    });
  }
}
