/** The dashboards that the plugin includes, and their queries with the values of variables. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isObject } from '../../contract/is-object';
import { isViewQuery } from '../../contract/query-types/view-request';
import { type MicromegasQueryFields, sqlOf } from '../../contract/queries/query';
import { interpolateRequest } from '../../src/editor/query-types/view-types';
import { interpolateSql } from '../../src/shared/interpolation/interpolation';
import { fixedTemplates, type FixedVariable } from '../../src/testing/fixed-templates';
import { ROOT } from './plugin';

export const DASHBOARDS_FOLDER = join(ROOT, 'dashboards');

const query = z.custom<MicromegasQueryFields>(isObject);
const variable = z.looseObject({
  name: z.string(),
  type: z.enum(['datasource', 'query', 'custom', 'textbox']),
  multi: z.boolean().optional(),
  includeAll: z.boolean().optional(),
  query: z.unknown(),
  current: z.looseObject({ value: z.unknown() }).optional(),
});
const panel = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  description: z.string(),
  targets: z.array(query),
  timeFrom: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
  fieldConfig: z
    .looseObject({
      overrides: z.array(z.looseObject({ properties: z.array(z.object({ id: z.string(), value: z.unknown() })) })),
    })
    .optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
});
const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  revision: z.number(),
  tags: z.array(z.string()),
  time: z.object({ from: z.string(), to: z.string() }),
  annotations: z.looseObject({ list: z.array(z.looseObject({ name: z.string(), target: query })).optional() }),
  templating: z.looseObject({ list: z.array(variable) }),
  panels: z.array(panel),
});

export type ShippedDashboard = z.infer<typeof dashboard> & { file: string };
export type ShippedVariable = z.infer<typeof variable>;

export function shippedDashboards(): ShippedDashboard[] {
  return readdirSync(DASHBOARDS_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((file) => ({ file, ...dashboard.parse(JSON.parse(readFileSync(join(DASHBOARDS_FOLDER, file), 'utf8'))) }));
}

export interface ShippedQuery {
  /** Dashboard and panel, such as `Fleet > Processes`. */
  place: string;
  use: 'panel' | 'annotation' | 'variable';
  model: MicromegasQueryFields;
  /** The panel reads only this many minutes, up to the end of the dashboard's range. Undefined: the whole range. */
  newestMinutes?: number;
}

/** The queries of panels and annotations. */
export function shippedQueries({ title, panels, annotations }: ShippedDashboard): ShippedQuery[] {
  return [
    ...panels.flatMap((each) =>
      each.targets.map((model) => ({
        place: `${title} > ${each.title}`,
        use: 'panel' as const,
        model,
        ...(each.timeFrom !== undefined && { newestMinutes: parseInt(each.timeFrom, 10) }),
      }))
    ),
    ...(annotations.list ?? []).map(({ name, target: model }) => ({
      place: `${title} > annotation ${name}`,
      use: 'annotation' as const,
      model,
    })),
  ];
}

/** The queries of variables. */
export function variableQueries({ title, templating }: ShippedDashboard): ShippedQuery[] {
  return templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, query: saved }) => ({
      place: `${title} > variable ${name}`,
      use: 'variable',
      model: query.parse(saved),
    }));
}

/** The values of the variables, as Grafana keeps them. */
export type Variables = Readonly<Record<string, FixedVariable>>;

/** Runs a query. @returns The values of its first column. */
export type ReadValues = (model: MicromegasQueryFields, variable: string) => Promise<unknown[]>;

/**
 * The values of the variables when Grafana opens the dashboard: all values if the variable has the option All, else the
 * first value.
 */
export async function openedVariables({ templating }: ShippedDashboard, read: ReadValues): Promise<Variables> {
  const variables: Record<string, FixedVariable> = {};
  for (const { name, type, multi = false, includeAll = false, query: saved, current } of templating.list) {
    if (type === 'query') {
      const model = query.parse(saved);
      const values = await read(interpolated(model, variables), name);
      const value = includeAll ? values : multi ? values.slice(0, 1) : (values[0] ?? '');
      variables[name] = { value, multi, includeAll, isAll: includeAll, type };
    } else if (type !== 'datasource') {
      variables[name] = { value: current?.value, type };
    }
  }
  return variables;
}

/** The query as the browser sends it, with the values of variables. */
export function interpolated(model: MicromegasQueryFields, variables: Variables): MicromegasQueryFields {
  const templates = fixedTemplates(variables);
  return isViewQuery(model)
    ? interpolateRequest(model, templates, {})
    : { ...model, query: interpolateSql(sqlOf(model), templates) };
}

/** True for SQL with time bins of log lines or measures. Other queries read other tables, or their whole range. */
export function hasBinsOfRows(sql: string): boolean {
  return sql.includes('$__dateBin') && /FROM (log_entries|measures|view_instance\('(log_entries|measures)')/.test(sql);
}
