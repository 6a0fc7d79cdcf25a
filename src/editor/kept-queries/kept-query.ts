/**
 * Queries that leave their dashboard, because a user opens a panel in Explore or creates an alert rule from it.
 */
import { type AdHocVariableFilter, type ScopedVars } from '@grafana/data';
import { isEqual } from 'lodash';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { sqlOf } from '../../../contract/queries/query';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { builderPatch, openedMode } from '../builder/builder-mode';
import { asKeptQuery, withAdHocFilters } from '../filters/query-filters';
import { interpolateRequest } from '../query-types/view-types';
import { interpolateSql } from '../../shared/interpolation/interpolation';
import { type Templates } from '../../shared/interpolation/variables';
import { type MicromegasQuery } from '../../shared/types';
import { hundredthOfRange, withFixedInterval } from './fixed-interval';
import { interpolateState } from './interpolate-state';
import { type Keeper } from './keeper';
import { keptTemplates } from './kept-templates';

interface KeptQueryOptions {
  keeper: Keeper;
  templates: Templates;
  scoped: ScopedVars;
  /** Ad hoc filters of the dashboard. They become filters of the query. */
  filters: AdHocVariableFilter[] | undefined;
}

/**
 * The query with the values of variables. A builder query stays a builder query if the builder can express the values.
 * Macros are not replaced. Variables of the time range and the interval, such as `$__from`, are replaced only if they
 * have a format, as in `${__from:date}`.
 */
export function keptQuery(query: MicromegasQuery, options: KeptQueryOptions): MicromegasQuery {
  const { templates, scoped, filters } = options;
  const kept = keptTemplates(templates);
  if (isViewQuery(query)) {
    return interpolateRequest(query, kept, scoped);
  }
  const filtered = withAdHocFilters(query, filters);
  const { state } = openedMode(query);
  const fixed = state && fixedState(state, options);
  const interpolated = fixed && interpolateState(fixed, kept, scoped);
  if (interpolated !== undefined) {
    const isSame = isEqual(interpolated, state);
    return asKeptQuery({ ...filtered, ...(!isSame && builderPatch(query, query, interpolated, state)) }, false);
  }
  const saved = sqlOf(query);
  const sql = interpolateSql(fixed === undefined ? saved : builderQuery(fixed).sql, kept, scoped);
  return asKeptQuery({ ...filtered, query: sql }, sql !== saved);
}

/** For a rule, the state with a fixed interval in place of `auto`. Otherwise the unchanged state. */
function fixedState(state: BuilderState, { keeper, templates, scoped }: KeptQueryOptions): BuilderState {
  const interval = keeper === 'rule' ? hundredthOfRange(templates, scoped) : undefined;
  return interval === undefined ? state : withFixedInterval(state, interval);
}
