/**
 * Runs the queries of dashboards and alert rules that the older plugin saved, with the built plugin, on a lakehouse
 * with a fixed clock. The results must equal `golden.txt`. `UPDATE_GOLDEN=1` writes the file again.
 *
 * Variables and `$__interval` get their values as in the browser, with the code that the browser runs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Lakehouse, startLakehouse } from '../../../demo/lakehouse/lakehouse';
import { type PluginProcess } from '../../../demo/plugin-host/plugin-process';
import { type MicromegasQueryFields, readQuery, sqlOf } from '../../../contract/queries/query';
import { readFrame } from '../../../proxy/frames/data-frames/testing/arrow-messages';
import { interpolateSql } from '../../../src/shared/interpolation/interpolation';
import { fixedTemplates, type FixedVariable } from '../../../src/testing/fixed-templates';
import { toVariableQuery } from '../../../src/shared/interpolation/variable-query';
import { ADA, type QueryOptions, runQuery, type Source, startBuiltPlugin } from '../../support/plugin';
import { expectNoSecretsAtEnd } from '../../support/secret-watch';

const GOLDEN = join(__dirname, 'golden.txt');
const API_KEY = 'mmk_saved-dashboards';
const NOW_MS = Date.parse('2026-11-24T12:00:00.500Z');
/** Maximum number of rows of a result in the golden file. */
const MOST_ROWS = 6;

const model = z.looseObject({ refId: z.string(), query: z.string().optional() });
const selected = z.union([z.string(), z.array(z.string())]);
const variable = z.object({
  name: z.string(),
  type: z.string(),
  query: z.unknown(),
  multi: z.boolean().optional(),
  includeAll: z.boolean().optional(),
  allValue: z.string().optional(),
  current: z.object({ value: selected }),
});
const dashboardFile = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(model) })),
  templating: z.object({ list: z.array(variable) }),
});
const rulesFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          title: z.string(),
          data: z.array(
            z.object({
              datasourceUid: z.string(),
              relativeTimeRange: z.object({ from: z.number() }).optional(),
              model: z.looseObject({
                query: z.string().optional(),
                intervalMs: z.number().optional(),
                maxDataPoints: z.number().optional(),
              }),
            })
          ),
        })
      ),
    })
  ),
});

const fileContent = (name: string) => readFileSync(join(__dirname, `${name}.json`), 'utf8');
const HOUR_MS = 3_600_000;
const PANEL: QueryOptions = {
  range: { fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS },
  intervalMs: 1_200_000,
  maxDataPoints: 50,
};
const SCOPED = { __interval: { text: '20m', value: '20m' }, __interval_ms: { text: '', value: 1_200_000 } };

let lakehouse: Lakehouse;
let plugin: PluginProcess;
let source: Source;

beforeAll(async () => {
  const apiKeys = [{ name: 'tests', key: API_KEY }];
  [lakehouse, plugin] = await Promise.all([
    startLakehouse({ apiKeys, now: () => NOW_MS, grow: false }),
    startBuiltPlugin(),
  ]);
  source = {
    jsonData: { host: lakehouse.address, selectedAuthType: 'token' },
    secureJsonData: { token: API_KEY },
    user: ADA,
  };
}, 60_000);
afterAll(async () => {
  await plugin.shutdown();
  await lakehouse.close();
});

expectNoSecretsAtEnd();

/** Rounds fractions, because the order in which the lakehouse adds numbers varies. */
function formatValue(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toFixed(6))) : String(value);
}

/** The visible parts of a result, as lines. */
async function resultOf(saved: MicromegasQueryFields | string, options: QueryOptions): Promise<string[]> {
  const response = await runQuery(plugin, source, saved, options);
  if (response.error !== '') {
    return [`error: ${response.error.replace(/ \(query_id [^)]*\)/, '')}`];
  }
  return response.frames
    .map((bytes) => readFrame([bytes]))
    .flatMap((frame) => [
      `${frame.rows} rows${frame.meta.type === undefined ? '' : ` (${frame.meta.type})`}`,
      ...frame.fields.map(({ name, type, labels, values }) => {
        const shown = values.slice(0, MOST_ROWS).map(formatValue);
        const labelString = labels === undefined ? '' : JSON.stringify(labels);
        return `${name}${labelString} ${type.replace('View', '')}: ${shown.join(' | ')}`;
      }),
      ...(frame.meta.notices ?? []).map(({ severity, text }) => `${severity}: ${text}`),
    ]);
}

/** The values of the variables, in the order in which they depend on each other. */
async function valuesOf(list: Array<z.infer<typeof variable>>): Promise<Record<string, FixedVariable>> {
  const values: Record<string, FixedVariable> = {};
  for (const { name, type, query, current, ...settings } of list) {
    const isAll = current.value[0] === '$__all';
    values[name] = { ...settings, type, query: JSON.stringify(query ?? ''), isAll, value: current.value };
    if (isAll) {
      const target = toVariableQuery(query);
      const sql = interpolateSql(sqlOf(target), fixedTemplates(values), SCOPED);
      const { frames } = await runQuery(plugin, source, { ...target, query: sql }, PANEL);
      values[name].value = [
        ...new Set(frames.flatMap((bytes) => readFrame([bytes]).fields.flatMap((field) => field.values.map(String)))),
      ];
    }
  }
  return values;
}

type Results = Record<string, string[]>;

async function dashboardResults(name: string): Promise<Results> {
  const { panels, templating } = dashboardFile.parse(JSON.parse(fileContent(name)));
  const templates = fixedTemplates(await valuesOf(templating.list));
  const results: Results = {};
  for (const { title, targets } of panels) {
    for (const target of targets) {
      const sql = interpolateSql(sqlOf(target), templates, SCOPED);
      results[`${title} ${target.refId}`] = await resultOf({ ...target, query: sql }, PANEL);
    }
  }
  for (const { name: variableName, type, query } of templating.list.filter((each) => each.type === 'query')) {
    const target = toVariableQuery(query);
    const sql = interpolateSql(sqlOf(target), templates, SCOPED);
    results[`${type} variable ${variableName}`] = await resultOf({ ...target, query: sql }, PANEL);
  }
  return results;
}

/** Grafana's server runs alert rules, and sends the saved model unchanged. */
async function ruleResults(): Promise<Results> {
  const { groups } = rulesFile.parse(JSON.parse(fileContent('alert-rules')));
  const results: Results = {};
  for (const { title, data } of groups.flatMap(({ rules }) => rules)) {
    const [{ model: saved, relativeTimeRange }] = data;
    results[title] = await resultOf(saved, {
      headers: { FromAlert: 'true' },
      range: { fromMs: NOW_MS - (relativeTimeRange?.from ?? 0) * 1000, toMs: NOW_MS },
      intervalMs: saved.intervalMs,
      maxDataPoints: saved.maxDataPoints,
    });
  }
  return results;
}

/** A heading and the lines of the result, for each query. */
function formatResults(results: Record<string, Results>): string {
  const sections = Object.entries(results).flatMap(([file, queries]) =>
    Object.entries(queries).map(
      ([title, lines]) => `## ${file}: ${title}\n${lines.map((line) => `${line}\n`).join('')}`
    )
  );
  return sections.join('\n');
}

it('returns the results in the golden file', async () => {
  const results: Record<string, Results> = {};
  for (const name of ['version-1', 'version-2', 'builder']) {
    results[name] = await dashboardResults(name);
  }
  results['alert-rules'] = await ruleResults();
  const formatted = formatResults(results);
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(GOLDEN, formatted);
  }
  expect(formatted).toBe(readFileSync(GOLDEN, 'utf8'));
});

it('reads the same SQL from every version of a query', () => {
  const fields = { table: 'processes', columns: ['exe'], wheres: ["exe = 'a'", 'true'], limit: '3' };
  const sql = "SELECT exe FROM processes WHERE exe = 'a' and true LIMIT 3";
  for (const saved of [
    sql,
    { queryText: sql },
    { query: sql, version: 2 },
    { ...fields, rawEditor: false, version: 2 },
  ]) {
    expect(readQuery(saved).sql).toBe(sql);
  }
});
