/**
 * The plugin's dashboards with usual time ranges, refreshed ten times while telemetry arrives. Prints how often their
 * queries with time bins were read in parts, and the reasons why the whole range was read.
 */
import assert from 'node:assert/strict';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { type MicromegasQueryFields, sqlOf } from '../../../contract/queries/query';
import { readFrames } from '../../../tests/support/frames';
import { runQuery } from '../../../tests/support/plugin';
import {
  hasBinsOfRows,
  interpolated,
  openedVariables,
  type ShippedDashboard,
  shippedDashboards,
  shippedQueries,
} from '../../../tests/support/shipped-dashboards';
import { type Lab } from '../lab';
import { printRows } from '../print-rows';
import { type LakeCase } from './lake-case';

const REFRESHES = 10;
const BETWEEN_MS = 6000;
const MINUTE_MS = 60_000;
/** Time ranges in minutes, with the interval that Grafana chooses for a panel of half the width of a window. */
const RANGES = [
  { minutes: 15, intervalMs: 2000 },
  { minutes: 60, intervalMs: 10_000 },
  { minutes: 360, intervalMs: 30_000 },
  { minutes: 1440, intervalMs: 120_000 },
];
const STATISTIC = 'Read from Micromegas';

type Range = (typeof RANGES)[number];

/** Runs a query of a panel. */
function ask({ plugin, source }: Lab, model: MicromegasQueryFields, { minutes, intervalMs }: Range) {
  const toMs = Date.now();
  const own = {
    ...source,
    uid: 'reasons',
    jsonData: { ...source.jsonData, resultAgeSeconds: 0, queryTimeoutSeconds: 600 },
  };
  const panel = { from: `now-${minutes}m`, to: 'now' };
  return runQuery(
    plugin,
    own,
    { ...model, panel },
    {
      range: { fromMs: toMs - minutes * MINUTE_MS, toMs },
      intervalMs,
      headers: { 'http_X-Dashboard-Uid': 'reasons' },
    }
  );
}

/** The statistic of a result, without its numbers. */
function outcomeOf(response: Awaited<ReturnType<typeof ask>>): string {
  const found = readFrames(response)
    .flatMap(({ meta }) => meta.stats ?? [])
    .find(({ displayName }) => displayName.startsWith(STATISTIC));
  const text = found === undefined ? 'no bins of log_entries or measures' : JSON.stringify(found);
  return text.includes('% of the range') ? 'in parts' : text;
}

async function outcomes(lab: Lab, dashboard: ShippedDashboard, range: Range): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const variables = await openedVariables(dashboard, async (model) => {
    const [frame] = readFrames(await ask(lab, model, range));
    return frame === undefined || frame.rowCount === 0 ? [] : frame.column(Object.keys(frame.types)[0]);
  });
  const panels = shippedQueries(dashboard).filter(({ use }) => use === 'panel');
  // Only these queries run, because the others would make the server busy and the measured times longer.
  const queries = panels.filter(({ model }) => !isViewQuery(model) && hasBinsOfRows(sqlOf(model)));
  counts.set('queries without such bins', panels.length - queries.length);
  for (let refresh = 0; refresh <= REFRESHES; refresh++) {
    const responses = await Promise.all(queries.map(({ model }) => ask(lab, interpolated(model, variables), range)));
    responses.forEach((response, index) => {
      assert.equal(response.error, '', queries[index].place);
      // The first read is that of the opened dashboard.
      if (refresh > 0) {
        const outcome = outcomeOf(response);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        if (process.env.PLACES !== undefined) {
          console.log(range.minutes, queries[index].place, outcome);
        }
      }
    });
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  return counts;
}

export const refreshReasons: LakeCase = {
  name: 'refresh-reasons',
  async run(lab) {
    const rows: Array<Record<string, string | number>> = [];
    for (const range of RANGES) {
      await Promise.all(
        shippedDashboards().map(async (dashboard) => {
          for (const [outcome, count] of await outcomes(lab, dashboard, range)) {
            rows.push({ minutes: range.minutes, dashboard: dashboard.title, count, outcome });
          }
        })
      );
    }
    printRows(rows);
  },
};
