/**
 * The address of Grafana's form for a new alert rule, filled in with one number for each series. The shape of
 * `defaults` is `RuleFormValues` of Grafana 12.4 (public/app/features/alerting/unified/types/rule-form.ts).
 */
import { type DataSourceRef } from '@grafana/schema';
import { type BuilderState, isZeroWithoutRows } from '../../../contract/builder/builder-state';
import { windowMsOf, windowNumber } from '../../../contract/builder/window-number';
import { type MicromegasQuery } from '../../shared/types';
import { builderPatch, openedMode } from '../builder/builder-mode';

const EXPRESSIONS = { type: '__expr__', uid: '__expr__' };

/**
 * How many windows the time range has. A series without rows in the window has the count 0 while it has rows in the
 * time range.
 */
const REMEMBERED_WINDOWS = 12;

/** True for a series of counts or sums. */
function isCount(state: BuilderState): boolean {
  return state.kind === 'metrics'
    ? isZeroWithoutRows(state.aggregation)
    : state.kind === 'table' &&
        state.columns.some((column) => 'aggregation' in column && isZeroWithoutRows(column.aggregation));
}

function expression(refId: string, fields: object): object {
  return { refId, datasourceUid: EXPRESSIONS.uid, queryType: '', model: { refId, datasource: EXPRESSIONS, ...fields } };
}

/** The condition of an expression. Grafana's form for simple conditions reads the reducer from it. */
const condition = (params: number[]) => ({
  type: 'query',
  evaluator: { params, type: 'gt' },
  operator: { type: 'and' },
  query: { params: [] },
  reducer: { params: [], type: 'last' },
});

/** The query that returns the number of a query with a time series. Undefined if the query has no such number. */
export function numberQuery(query: MicromegasQuery): MicromegasQuery | undefined {
  const { state } = openedMode(query);
  const number = state && windowNumber(state, windowMsOf(state));
  return number && { ...query, ...builderPatch(query, query, number, state) };
}

/**
 * The address of the form.
 *
 * @param query A query without dashboard variables.
 * @param value The value of a point. The rule fires above it, but a rule on a count or a sum fires above 0: the point
 *   has the count of an interval, the rule that of a window.
 * @returns Undefined if the query is no time series of the builder with one number.
 */
export function alertRuleUrl(
  query: MicromegasQuery,
  datasource: Required<Pick<DataSourceRef, 'uid' | 'type'>>,
  value = 0
): string | undefined {
  const { state } = openedMode(query);
  const number = numberQuery(query);
  if (state === undefined || number === undefined) {
    return undefined;
  }
  const isCounted = isCount(state);
  const seconds = (windowMsOf(state) / 1000) * (isCounted ? REMEMBERED_WINDOWS : 1);
  const model = { ...number, refId: 'A', hide: false, datasource, intervalMs: 1000, maxDataPoints: 43_200 };
  const defaults = {
    type: 'grafana-alerting',
    condition: 'C',
    queries: [
      {
        refId: 'A',
        datasourceUid: datasource.uid,
        queryType: '',
        relativeTimeRange: { from: seconds, to: 0 },
        model,
      },
      expression('B', { type: 'reduce', expression: 'A', reducer: 'last', conditions: [condition([])] }),
      expression('C', { type: 'threshold', expression: 'B', conditions: [condition([isCounted ? 0 : value])] }),
    ],
    // A count falls to 0 when the window has passed, so a pending period would only delay the alert, or prevent it.
    ...(isCounted && { evaluateFor: '0s' }),
  };
  return `/alerting/new?defaults=${encodeURIComponent(JSON.stringify(defaults))}`;
}
