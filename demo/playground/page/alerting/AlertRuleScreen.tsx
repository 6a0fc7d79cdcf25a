import { CoreApp, type DataSourceApi } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import React, { useRef, useState } from 'react';
import { ExploreToolbar } from '../explore/ExploreToolbar';
import { QueryRow } from '../explore/QueryRow';
import { ResultViews } from '../explore/ResultViews';
import { firstRange, refreshed, useQueryRun } from '../explore/use-query-run';
import { DataSourceScreen } from '../layout/DataSourceScreen';
import { type PageLocation } from '../location';

const EXPRESSION = { type: '__expr__', uid: '__expr__' };
/** The expressions of a new rule in Grafana (12.2). */
const EXPRESSIONS = [
  { refId: 'B', datasource: EXPRESSION, type: 'reduce', expression: 'A', reducer: 'last' },
  { refId: 'C', datasource: EXPRESSION, type: 'threshold', expression: 'B' },
];

/** The plugin's editor as Grafana shows it for an alert rule, and the result of the query. Rules are not evaluated. */
export function AlertRuleScreen({ location }: { location: PageLocation }) {
  return (
    <DataSourceScreen location={location} hasChoice={false}>
      {(source, here) => <RuleQuery source={source} location={here} />}
    </DataSourceScreen>
  );
}

function RuleQuery({ source, location }: { source: DataSourceApi; location: PageLocation }) {
  const [query, setQuery] = useState<DataQuery>(() => ({
    ...source.getDefaultQuery?.(CoreApp.UnifiedAlerting),
    refId: 'A',
    datasource: source.getRef(),
    // The interval that Grafana uses for the query of a new alert rule.
    intervalMs: 1000,
  }));
  const [range, setRange] = useState(firstRange);
  const result = useQueryRun(source, CoreApp.UnifiedAlerting);
  const latest = useRef(query);
  const run = () => result.run(latest.current, refreshed(range));
  return (
    <>
      <ExploreToolbar
        location={location}
        range={range}
        isRunning={result.isRunning}
        onRange={setRange}
        onRun={run}
        onCancel={result.cancel}
      />
      <QueryRow
        app={CoreApp.UnifiedAlerting}
        source={source}
        query={query}
        others={EXPRESSIONS}
        range={range}
        result={result}
        onChange={(next) => {
          latest.current = next;
          setQuery(next);
        }}
        onRun={run}
      />
      {result.response ? <ResultViews response={result.response} range={range} /> : null}
    </>
  );
}
