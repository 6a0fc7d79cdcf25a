/** The SQL of the documentation runs on a real Micromegas. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ROOT, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';

const PAGES = ['docs/queries.md', 'docs/sign-in.md'];

function sqlBlocks(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map((match) => match[1].trim());
}

export async function checkDocumentation(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const page of PAGES) {
    await list.check(`${page}: every SQL example runs`, async () => {
      const blocks = sqlBlocks(page);
      assert.ok(blocks.length > 0, 'no examples');
      for (const query of blocks) {
        const { error } = await runQuery(plugin, source, { query, version: 2, autoLimit: false });
        assert.equal(error, '', query);
      }
    });
  }
}
