/** The SQL of the documentation runs on a real Micromegas. Rows are expected of the demo's lakehouse only. */
import assert from 'node:assert/strict';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { documentedQueries } from '../support/documented-sql';
import { runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';

export async function checkDocumentation(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const { place, sql, format } of documentedQueries().filter(({ notRun }) => notRun === undefined)) {
    await list.check(`${place}: the query runs as ${format}`, async () => {
      const { error } = await runQuery(plugin, source, { query: sql, format, version: 2, autoLimit: false });
      assert.equal(error, '');
    });
  }
}
