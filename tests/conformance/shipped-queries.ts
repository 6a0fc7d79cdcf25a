/** Runs the queries of all dashboards, of the documentation and of `tests/support/sql-corpus` on a real Micromegas. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type QueryFilter } from '../../contract/queries/query-filter';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { escapeLiteral } from '../../contract/sql/sql-names';
import { formatVariable } from '../../src/shared/interpolation/variable-format';
import { documentedQueries } from '../support/documented-sql';
import { readFrames } from '../support/frames';
import { ROOT, runQuery, type Source } from '../support/plugin';
import { CORPUS_IDS, corpusStatements, withIds } from '../support/sql-corpus/corpus';
import { interpolated, openedVariables, shippedDashboards, shippedQueries } from '../support/shipped-dashboards';
import { type Checklist } from './checklist';

const FOLDER = join(ROOT, 'provisioning', 'dashboards', 'micromegas');

const HOUR_MS = 3_600_000;

const query = z.looseObject({ query: z.string() });
const dashboard = z.object({
  title: z.string(),
  panels: z.array(z.object({ title: z.string(), targets: z.array(query) })),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), multi: z.boolean().optional(), query: z.unknown() })),
  }),
});

/**
 * For each provisioned dashboard, runs the queries of its variables, then the queries of its panels with values that
 * the variables returned.
 */
export async function checkDashboards(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const file of readdirSync(FOLDER)) {
    const { title, panels, templating } = dashboard.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
    const values = new Map<string, string>();
    for (const { name, multi, query: saved } of templating.list.filter(({ type }) => type === 'query')) {
      await list.check(`dashboard "${title}": variable ${name} has values`, async () => {
        const found = await firstColumn(plugin, source, query.parse(saved));
        assert.ok(found.length > 0, 'The query returned no rows.');
        values.set(name, multi ? formatVariable(found, { multi }) : escapeLiteral(found[0]));
      });
    }
    for (const panel of panels) {
      await list.check(`dashboard "${title}": the queries of panel "${panel.title}" run`, async () => {
        for (const target of panel.targets) {
          const sql = target.query.replace(/\$([a-z]+)\b/g, (whole, name: string) => values.get(name) ?? whole);
          const { error } = await runQuery(plugin, source, { ...target, query: sql });
          assert.equal(error, '');
        }
      });
    }
  }
}

/**
 * Runs the queries of the plugin's dashboards, in the last hour and in a range without telemetry. The results may be
 * empty.
 */
export async function checkPluginDashboards(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  const ends = { 'the last hour': Date.now(), 'a range without telemetry': Date.parse('2001-01-01T00:00:00Z') };
  for (const [range, toMs] of Object.entries(ends)) {
    for (const dashboard of shippedDashboards()) {
      await list.check(`dashboard "${dashboard.title}": all queries run in ${range}`, async () => {
        const run = (model: MicromegasQueryFields) =>
          runQuery(plugin, source, model, { range: { fromMs: toMs - HOUR_MS, toMs }, intervalMs: 60_000 });
        const variables = await openedVariables(dashboard, async (model, variable) => {
          const response = await run(model);
          assert.equal(response.error, '', variable);
          return firstColumnOf(response);
        });
        for (const { place, model } of shippedQueries(dashboard)) {
          const { error } = await run(interpolated(model, variables));
          assert.equal(error, '', place);
        }
      });
    }
  }
}

async function firstColumn(plugin: PluginProcess, source: Source, saved: { query: string }): Promise<string[]> {
  const response = await runQuery(plugin, source, saved);
  assert.equal(response.error, '');
  return firstColumnOf(response);
}

function firstColumnOf(response: Parameters<typeof readFrames>[0]): string[] {
  return readFrames(response)
    .filter(({ rowCount }) => rowCount > 0)
    .flatMap((frame) => frame.column(Object.keys(frame.types)[0]).map(String));
}

/** Runs the SQL of the documentation. The results may be empty, because some queries select processes of the demo. */
export async function checkDocumentation(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  for (const { place, sql, format } of documentedQueries().filter(({ notRun }) => notRun === undefined)) {
    await list.check(`${place}: the query runs as ${format}`, async () => {
      const { error } = await runQuery(plugin, source, { query: sql, format, version: 2, autoLimit: false });
      assert.equal(error, '');
    });
  }
}

/** Runs the corpus unchanged, and with filters that accept every row or no row. */
export async function checkCorpus(list: Checklist, plugin: PluginProcess, source: Source): Promise<void> {
  const ids = new Map<string, string>();
  for (const [name, sql] of Object.entries(CORPUS_IDS)) {
    const [id] = await firstColumn(plugin, source, { query: sql });
    ids.set(name, id);
  }
  const filters = (operator: '=' | '!='): QueryFilter[] =>
    ['exe', 'name', 'properties.region'].map((key) => ({ key, operator, value: 'no such value' }));
  for (const { name, sql } of corpusStatements().filter(({ runsOnServer }) => runsOnServer)) {
    const query = withIds(sql, ids);
    await list.check(`corpus, ${name}`, async () => {
      for (const attached of [[], filters('!='), filters('=')]) {
        const { error } = await runQuery(plugin, source, { query, version: 2, autoLimit: false, filters: attached });
        assert.equal(error, '');
      }
    });
  }
  await list.check('corpus: a query with a filter of each operator runs', async () => {
    for (const filter of EVERY_OPERATOR) {
      const query = 'SELECT count(*) AS n FROM log_entries';
      const { error } = await runQuery(plugin, source, { query, version: 2, autoLimit: false, filters: [filter] });
      assert.equal(error, '', `${filter.key} ${filter.operator}`);
    }
  });
}

/** Filters on each kind of column. Together they have every operator. */
const EVERY_OPERATOR: readonly QueryFilter[] = (
  [
    ['exe', 'a', ['=', '!=', '<', '>', '=~', '!~', '=|', '!=|', 'contains', 'not-contains']],
    ['msg', '100%_\\', ['=', '!=', '=|', 'contains', 'not-contains']],
    ['msg', "[0-9]+ it's", ['=~', '!~']],
    ['level', 'error', ['=', '!=', '<=', '>=', '=|', '!=|', '=~', '!~', 'contains']],
    ['time', '2026-01-31T12:00:00Z', ['=', '!=', '<', '<=', '>', '>=', '=|', '!=|']],
    ['properties.region', '5', ['=', '!=', '<', '>=', '=~', '!~', '=|', '!=|', 'contains', 'not-contains']],
    ['process.version', '$__from', ['=', '!=', 'contains', '=~', '=|']],
  ] as const
).flatMap(([key, value, operators]) => operators.map((operator) => ({ key, operator, value, values: [value, value] })));
