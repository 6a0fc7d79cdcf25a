/** Queries that are kept without their dashboard: those of a panel that is opened in Explore, and of a new alert rule. */
import { type AdHocVariableFilter, type ScopedVars } from '@grafana/data';
import { isEqual } from 'lodash';
import { sqlOf } from '../../contract/query';
import { isTyped } from '../../contract/query-types/typed-request';
import { builderPatch, openedMode } from '../builder/builder-mode';
import { asKeptQuery, withAdHocFilters } from '../filters/query-filters';
import { interpolateRequest } from '../query-types/interpolate-request';
import { interpolateSql } from '../sql/interpolation';
import { type Templates } from '../sql/variables';
import { type MicromegasQuery } from '../types';
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

/** The query with the values of variables, in its builder if it has one. Macros and variables of the time range stay. */
export function keptQuery(query: MicromegasQuery, options: KeptQueryOptions): MicromegasQuery {
  const { templates, scoped, filters } = options;
  const kept = keptTemplates(templates);
  if (isTyped(query)) {
    return interpolateRequest(query, kept, scoped);
  }
  const filtered = withAdHocFilters(query, filters);
  const patch = builtPatch(query, kept, options);
  if (patch !== undefined) {
    return asKeptQuery({ ...filtered, ...patch }, false);
  }
  const sql = sqlOf(query);
  const interpolated = interpolateSql(sql, kept, scoped);
  return asKeptQuery({ ...filtered, query: interpolated }, interpolated !== sql);
}

/** The patch for a query whose SQL the builder has written. Undefined for other queries, and if nothing changes. */
function builtPatch(query: MicromegasQuery, kept: Templates, { keeper, templates, scoped }: KeptQueryOptions) {
  const { state } = openedMode(query);
  const interpolated = state && interpolateState(state, kept, scoped);
  if (interpolated === undefined) {
    return undefined;
  }
  const interval = keeper === 'rule' ? hundredthOfRange(templates, scoped) : undefined;
  const next = interval === undefined ? interpolated : withFixedInterval(interpolated, interval);
  return isEqual(next, state) ? undefined : builderPatch(query, query, next, state);
}
