/** Checks grouping by the viewer of a dashboard on a real Micromegas. */
import assert from 'node:assert/strict';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { onlyFrame } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';

const KEYS = ['exe', 'level', 'process_properties.service.name', 'properties.a', 'process_id'];

const QUERIES: ReadonlyArray<[name: string, query: string]> = [
  ['without GROUP BY', 'SELECT count(*) AS n FROM log_entries'],
  ['with positions', 'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1'],
  [
    'with an expression',
    'SELECT upper(l.msg) AS m, count(*) AS n FROM log_entries l GROUP BY upper(l.msg) HAVING count(*) > 0',
  ],
  ['with a hidden group', 'SELECT count(*) AS n FROM log_entries l GROUP BY l.exe, level ORDER BY n DESC'],
  ['with a CTE', 'WITH l AS (SELECT * FROM log_entries) SELECT target, count(*) AS n FROM l GROUP BY target'],
];

export async function checkGrouping(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const [name, query] of QUERIES) {
    await list.check(`grouping: a query ${name} is grouped`, async () => {
      const ask = async (groupByKeys: string[]) =>
        onlyFrame(await runQuery(plugin, source, { query, version: 2, autoLimit: false, groupByKeys }));
      const grouped = await ask(KEYS);
      assert.deepEqual(grouped.meta.notices ?? [], []);
      assert.deepEqual(Object.keys(grouped.types).slice(-KEYS.length), KEYS);
      const sum = (values: readonly unknown[]) => values.reduce<number>((all, value) => all + Number(value), 0);
      assert.equal(sum(grouped.column('n')), sum((await ask([])).column('n')));
    });
  }
}
