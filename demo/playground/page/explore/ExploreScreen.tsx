import { type DataSourceApi, CoreApp } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { Button, LoadingPlaceholder } from '@grafana/ui';
import React, { useState } from 'react';
import { Page } from '../layout/Page';
import { ScreenTabs } from '../layout/ScreenTabs';
import { type PageLocation } from '../location';
import { useDataSource, useRuntime } from '../runtime/use-runtime';
import { ExploreToolbar } from './ExploreToolbar';
import { QueryInspector } from './QueryInspector';
import { QueryRow } from './QueryRow';
import { ResultViews } from './ResultViews';
import { firstRange, refreshed, useQueryRun } from './use-query-run';

/** Grafana's Explore with one pane and one query. */
export function ExploreScreen({ location }: { location: PageLocation }) {
  const { dataSources } = useRuntime();
  const uid = location.uid || dataSources.getList()[0].uid;
  const source = useDataSource(uid);
  return (
    <Page>
      <ScreenTabs location={{ ...location, uid }} />
      {source?.uid === uid ? (
        <ExplorePane key={uid} source={source} location={{ ...location, uid }} />
      ) : (
        <LoadingPlaceholder text="Loading..." />
      )}
    </Page>
  );
}

function ExplorePane({ source, location }: { source: DataSourceApi; location: PageLocation }) {
  const [query, setQuery] = useState<DataQuery>(() => ({
    ...source.getDefaultQuery?.(CoreApp.Explore),
    refId: 'A',
    datasource: source.getRef(),
  }));
  const [range, setRange] = useState(firstRange);
  const [isInspecting, setInspecting] = useState(false);
  const result = useQueryRun(source);
  // Editors call onChange and onRunQuery in the same turn of the event loop. The run must use the changed query.
  const latest = React.useRef(query);
  const change = (next: DataQuery) => {
    latest.current = next;
    setQuery(next);
  };
  const run = (over = range) => result.run(latest.current, refreshed(over));

  return (
    <>
      <ExploreToolbar
        location={location}
        range={range}
        isRunning={result.isRunning}
        onRange={(next) => {
          setRange(next);
          run(next);
        }}
        onRun={() => run()}
        onCancel={result.cancel}
      />
      <QueryRow source={source} query={query} range={range} result={result} onChange={change} onRun={() => run()} />
      <Button variant="secondary" icon="info-circle" onClick={() => setInspecting(true)} style={{ marginTop: 8 }}>
        Query inspector
      </Button>
      {result.response ? <ResultViews response={result.response} range={result.request?.range ?? range} /> : null}
      {isInspecting ? <QueryInspector response={result.response} onClose={() => setInspecting(false)} /> : null}
    </>
  );
}
