/** Reads the rules of `provisioning/alerting` as Grafana does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from './plugin';

const FOLDER = join(ROOT, 'provisioning', 'alerting');
/** The examples with SQL. `scripts/provisioned-metrics.test.ts` reads the rules for metrics. */
const SQL_RULES = 'micromegas.yaml';

/** The data source UID of expressions. */
const EXPRESSION = '__expr__';

const node = z.object({
  refId: z.string(),
  datasourceUid: z.string(),
  relativeTimeRange: z.object({ from: z.number(), to: z.number() }).optional(),
  model: z.looseObject({ refId: z.string(), type: z.string().optional(), expression: z.string().optional() }),
});

const rule = z.object({
  uid: z.string(),
  title: z.string(),
  condition: z.string(),
  for: z.string(),
  noDataState: z.enum(['NoData', 'OK', 'Alerting', 'KeepLast']),
  execErrState: z.enum(['Error', 'OK', 'Alerting', 'KeepLast']),
  annotations: z.record(z.string(), z.string()),
  data: z.array(node),
});

const file = z.object({
  apiVersion: z.literal(1),
  groups: z.array(z.object({ name: z.string(), folder: z.string(), interval: z.string(), rules: z.array(rule) })),
});

const sqlQuery = node.extend({
  relativeTimeRange: z.object({ from: z.number().positive(), to: z.number() }),
  model: z.looseObject({
    refId: z.string(),
    query: z.string(),
    format: z.string(),
    intervalMs: z.number().optional(),
  }),
});

export interface ProvisionedRule extends z.infer<typeof rule> {
  /** The queries of data sources, with their SQL. */
  queries: Array<z.infer<typeof sqlQuery>>;
  expressions: Array<z.infer<typeof node>>;
}

/** Grafana uses strings below these keys unchanged (pkg/services/provisioning/alerting/rules_types.go: `Raw`). */
const KEPT = ['model', 'annotations'];

/**
 * Checks the dollar signs of a file. Below the keys `KEPT`, Grafana does not replace `$$` by `$`, so `$$` is a mistake.
 * Elsewhere, Grafana replaces `$NAME` by an environment variable, so every `$` is a mistake.
 *
 * @throws {Error} with the string in the message.
 */
export function checkDollars(value: unknown, isKept = false): void {
  if (typeof value === 'string') {
    if (value.includes(isKept ? '$$' : '$')) {
      throw new Error(
        isKept ? `Grafana keeps both dollar signs in: ${value}` : `Grafana would replace a variable in: ${value}`
      );
    }
  } else if (Array.isArray(value)) {
    value.forEach((item) => checkDollars(item, isKept));
  } else if (value !== null && typeof value === 'object') {
    Object.entries(value).forEach(([key, item]) => checkDollars(item, isKept || KEPT.includes(key)));
  }
}

export function provisionedRules(): ProvisionedRule[] {
  return rulesOf(SQL_RULES).map((found) => ({
    ...found,
    queries: found.data.filter(({ datasourceUid }) => datasourceUid !== EXPRESSION).map((item) => sqlQuery.parse(item)),
    expressions: found.data.filter(({ datasourceUid }) => datasourceUid === EXPRESSION),
  }));
}

/** The rules of a file. */
export function rulesOf(name: string): Array<z.infer<typeof rule>> {
  const content: unknown = parse(readFileSync(join(FOLDER, name), 'utf8'));
  checkDollars(content);
  return file.parse(content).groups.flatMap(({ rules }) => rules);
}
