/**
 * Loads `useful-links.ts` when the first result arrives, so that `module.js` stays small. That file adds links to
 * results.
 */
import { type DataQueryResponse } from '@grafana/data';
import { catchError, concatMap, from, type Observable, of } from 'rxjs';
import { type withUsefulLinks } from './useful-links';

/** Emits what `withUsefulLinks` emits. If its code cannot be loaded, emits the response unchanged. */
export function withLoadedLinks(...args: Parameters<typeof withUsefulLinks>): Observable<DataQueryResponse> {
  const [response] = args;
  return from(import(/* webpackChunkName: "useful-links" */ './useful-links')).pipe(
    concatMap((loaded) => loaded.withUsefulLinks(...args)),
    catchError(() => of(response))
  );
}
