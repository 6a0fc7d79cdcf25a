/** Loads the live tail when Explore's live mode begins, so that `module.js` stays small. */
import { type DataQueryResponse } from '@grafana/data';
import { concatMap, defer, type Observable } from 'rxjs';
import { type liveTail } from './live-tail';

/** Emits what `liveTail` emits. Fails if its code cannot be loaded. */
export function loadedTail(...args: Parameters<typeof liveTail>): Observable<DataQueryResponse> {
  return defer(() => import(/* webpackChunkName: "live-tail" */ './live-tail')).pipe(
    concatMap((loaded) => loaded.liveTail(...args))
  );
}
