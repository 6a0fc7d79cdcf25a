/** Loads the pages of log lines when log lines are requested for the first time, so that `module.js` stays small. */
import { type DataQueryResponse } from '@grafana/data';
import { concatMap, from, type Observable } from 'rxjs';
import { type LogPages } from './log-pages';

type Run = LogPages['run'];

/** One per data source. */
export class LoadedLogPages {
  #pages: LogPages | undefined;

  /** Emits what `LogPages.run` emits. If its code cannot be loaded, sends the request unchanged. */
  run(...[request, send]: Parameters<Run>): Observable<DataQueryResponse> {
    if (this.#pages !== undefined) {
      return this.#pages.run(request, send);
    }
    // Only results with log lines have pages.
    if (!request.targets.some(({ format }) => format === 'logs')) {
      return send(request);
    }
    return from(this.#load()).pipe(
      concatMap((pages) => (pages === undefined ? send(request) : pages.run(request, send)))
    );
  }

  /** Undefined if the code cannot be loaded. The next request tries again. */
  async #load(): Promise<LogPages | undefined> {
    try {
      const [{ LogPages: Pages }, { reportFailure }] = await Promise.all([
        import(/* webpackChunkName: "log-pages" */ './log-pages'),
        import(/* webpackChunkName: "log-pages" */ './report-failure'),
      ]);
      return (this.#pages ??= new Pages(reportFailure));
    } catch {
      return undefined;
    }
  }
}
