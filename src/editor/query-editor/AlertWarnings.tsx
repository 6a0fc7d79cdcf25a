/** Warns in the editor of an alert rule about a query that the rule will reject, or that may cause wrong alerts. */
import { type PanelData, type TimeRange } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { Alert } from '@grafana/ui';
import { get } from 'lodash';
import React from 'react';
import { type MicromegasQuery } from '../../shared/types';
import { alertWarnings } from './alert-warnings';

interface Props {
  query: MicromegasQuery;
  data: PanelData | undefined;
  /** Names of the dashboard's variables. Grafana knows the names if the rule was made from a panel. */
  variables: readonly string[];
  /** The relative time range of the query, converted to absolute times at the current time. */
  range: TimeRange | undefined;
  /** All queries and expressions of the rule. */
  queries: readonly DataQuery[] | undefined;
}

/** The interval (distance between points) that Grafana uses for a query of an alert rule without `intervalMs`. */
const DEFAULT_INTERVAL_MS = 1000;

/**
 * Shown in the editor of an alert rule. Renders nothing if there are no warnings. Some warnings need the result of a
 * run.
 */
export function AlertWarnings({ query, data, variables, range, queries = [] }: Props) {
  const frames = (data?.series ?? []).filter(({ refId }) => refId === undefined || refId === query.refId);
  const context = {
    refId: query.refId,
    intervalMs: Number(get(query, 'intervalMs')) || DEFAULT_INTERVAL_MS,
    rangeMs: range && range.to.valueOf() - range.from.valueOf(),
    queries,
  };
  return (
    <>
      {alertWarnings(query, frames, variables, context).map((warning) => (
        <Alert key={warning} severity="warning" title={warning} bottomSpacing={0} />
      ))}
    </>
  );
}
