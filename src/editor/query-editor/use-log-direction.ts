/**
 * The order of log lines, which the user chooses with the control above the lines: _Newest first_ or _Oldest first_.
 * Grafana only sorts the lines that it has, so the query must request the newest or the oldest lines.
 */
import { CoreApp, LogSortOrderChangeEvent, LogsSortOrder, store } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { useEffect, useRef } from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { readQuery } from '../../../contract/queries/query';
import { type LogDirection } from '../../../contract/result-format';
import { typeOfQuery } from '../../../contract/query-types/view-request';
import { builderPatch, openedMode } from '../builder/builder-mode';
import { type MicromegasQuery } from '../../shared/types';
import { isRunnable } from '../model/query-draft';

/** Key in the store under which Explore saves the order, as one of `LogsSortOrder`. */
const EXPLORE_ORDER = 'grafana.explore.logs.sortOrder';

function directionOf(order: unknown): LogDirection {
  return order === LogsSortOrder.Ascending ? 'forward' : 'backward';
}

interface Options {
  app: CoreApp | undefined;
  /** True for a query with the format of logs. */
  isLogs: boolean;
  /** Called when the user chooses an order, and at once if Explore shows the oldest lines first. */
  onDirection: (direction: LogDirection) => void;
}

/**
 * The change that gives a query an order: a new builder state or, in code mode, changed fields of the query. Undefined
 * if nothing changes.
 */
export function orderChange(
  query: Pick<MicromegasQuery, 'direction'>,
  state: BuilderState | undefined,
  direction: LogDirection
): { state: BuilderState } | { patch: Pick<MicromegasQuery, 'direction'> } | undefined {
  if (state?.kind === 'logs') {
    const order = direction === 'forward' ? 'oldest' : 'newest';
    return state.order === order ? undefined : { state: { ...state, order } };
  }
  // Without a direction, the result has the order of the SQL. `backward`, the default of Explore, must not change that
  // order.
  const isSame = query.direction === direction || (query.direction === undefined && direction === 'backward');
  return state !== undefined || isSame ? undefined : { patch: { direction } };
}

/** The query in another order. Undefined if nothing changes. */
export function orderedQuery(query: MicromegasQuery, direction: LogDirection): MicromegasQuery | undefined {
  const { state } = openedMode(query);
  const change = orderChange(query, state, direction);
  if (change === undefined) {
    return undefined;
  }
  return { ...query, ...('state' in change ? builderPatch(query, query, change.state, state) : change.patch) };
}

/** True for a query whose result is log lines. */
export function isLogsQuery(query: MicromegasQuery): boolean {
  return typeOfQuery(query) === undefined && isRunnable(query) && readQuery(query).format === 'logs';
}

/** Calls `onDirection` in Explore, dashboards and the panel editor, but only for queries with the format of logs. */
export function useLogDirection({ app, isLogs, onDirection }: Options): void {
  const latest = useRef(onDirection);
  useEffect(() => {
    latest.current = onDirection;
  });
  useEffect(() => {
    if (!isLogs) {
      return undefined;
    }
    if (app === CoreApp.Explore) {
      const chosen = () => directionOf(store.get(EXPLORE_ORDER));
      // Only _Oldest first_ is applied at once. _Newest first_ is the default of Explore, and must not replace an order
      // that the author has chosen in the builder.
      if (chosen() === 'forward') {
        latest.current('forward');
      }
      return store.subscribe(EXPLORE_ORDER, () => latest.current(chosen()));
    }
    if (app === CoreApp.Dashboard || app === CoreApp.PanelEditor) {
      const events = getAppEvents().subscribe(LogSortOrderChangeEvent, ({ payload }) =>
        latest.current(directionOf(payload.order))
      );
      return () => events.unsubscribe();
    }
    return undefined;
  }, [app, isLogs]);
}
