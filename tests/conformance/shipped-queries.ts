/** Every query of the provisioned dashboards runs, so that a first look at Grafana is no first error. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { escapeLiteral, formatVariable } from '../../src/sql/interpolation';
import { readFrames } from '../support/frames';
import { ROOT, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';

const FOLDER = join(ROOT, 'provisioning', 'dashboards', 'micromegas');

const query = z.looseObject({ query: z.string() });
const dashboard = z.object({
  title: z.string(),
  panels: z.array(z.object({ title: z.string(), targets: z.array(query) })),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), multi: z.boolean().optional(), query: z.unknown() })),
  }),
});

/** Runs each variable's query, puts all its values in, and runs each panel's query. */
export async function checkDashboards(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const file of readdirSync(FOLDER)) {
    const { title, panels, templating } = dashboard.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
    const values = new Map<string, string>();
    for (const { name, multi, query: saved } of templating.list.filter(({ type }) => type === 'query')) {
      await list.check(`dashboard "${title}": variable ${name}`, async () => {
        const found = await firstColumn(plugin, source, query.parse(saved));
        assert.ok(found.length > 0, 'no values');
        values.set(name, multi ? formatVariable(found, { multi }) : escapeLiteral(found[0]));
      });
    }
    for (const panel of panels) {
      await list.check(`dashboard "${title}": panel "${panel.title}"`, async () => {
        for (const target of panel.targets) {
          const sql = target.query.replace(/\$([a-z]+)\b/g, (whole, name: string) => values.get(name) ?? whole);
          const { error } = await runQuery(plugin, source, { ...target, query: sql });
          assert.equal(error, '');
        }
      });
    }
  }
}

async function firstColumn(plugin: PluginProcess, source: Source, saved: { query: string }): Promise<string[]> {
  const response = await runQuery(plugin, source, saved);
  assert.equal(response.error, '');
  return readFrames(response).flatMap((frame) => frame.column(Object.keys(frame.types)[0]).map(String));
}
