/** Loads `alert-links.ts` when the first time series arrives, so that `module.js` stays small. */
import { type DataQueryResponse } from '@grafana/data';
import { config, hasPermission } from '@grafana/runtime';
import { catchError, from, map, type Observable, of } from 'rxjs';
import { isTimeSeries } from '../../shared/time-series';
import { type withAlertLinks } from './alert-links';

/** True if the viewer may open Grafana's form for a new alert rule. */
export function canCreateRules(): boolean {
  return config.unifiedAlertingEnabled && hasPermission('alert.rules:create');
}

/**
 * Emits what `withAlertLinks` returns. Emits the response unchanged if it has no time series, if the viewer may not
 * create rules, or if the code cannot be loaded.
 */
export function withLoadedAlertLinks(...args: Parameters<typeof withAlertLinks>): Observable<DataQueryResponse> {
  const [response] = args;
  return canCreateRules() && response.data.some(isTimeSeries)
    ? from(import(/* webpackChunkName: "alert-links" */ './alert-links')).pipe(
        map((loaded) => loaded.withAlertLinks(...args)),
        catchError(() => of(response))
      )
    : of(response);
}
