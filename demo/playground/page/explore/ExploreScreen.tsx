import { type DataSourceApi, CoreApp } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { useEffect, useRef, useState } from 'react';
import { Page } from '../layout/Page';
import { ScreenTabs } from '../layout/ScreenTabs';
import { type PageLocation } from '../location';
import { useDataSource, useRuntime } from '../runtime/use-runtime';
import { EXAMPLE_QUERY } from './example-query';
import { firstExploreState, rememberExploreState } from './explore-memory';
import { ExploreToolbar } from './ExploreToolbar';
import { FilteringProvider } from './FilteringProvider';
import { loadFlameGraph } from './flame-graph/load-flame-graph';
import { LiveButtons } from './LiveButtons';
import { LogContextProvider } from './LogContextProvider';
import { LogVolumeView } from './LogVolumeView';
import { QueryRow } from './QueryRow';
import { ResultViews } from './ResultViews';
import { useHeld } from './use-held';
import { firstRange, rangeOf, refreshed, useQueryRun } from './use-query-run';

/** Grafana's Explore with one pane and one query. The start page shows an example query and its result. */
export function ExploreScreen({ location }: { location: PageLocation }) {
  const { dataSources } = useRuntime();
  const uid = location.uid || dataSources.getList()[0].uid;
  const source = useDataSource(uid);
  return (
    <Page>
      <ScreenTabs location={{ ...location, uid }} />
      {source?.uid === uid ? (
        <ExplorePane key={uid} source={source} location={location} />
      ) : (
        <LoadingPlaceholder text="Loading..." />
      )}
    </Page>
  );
}

/**
 * The query in the history entry or the URL. Default: on the start page the example, else the data source's default.
 */
function firstQuery(source: DataSourceApi, location: PageLocation): { query: DataQuery; isComplete: boolean } {
  const given = firstExploreState(location).query ?? (location.uid === '' ? EXAMPLE_QUERY : undefined);
  const query = given ?? source.getDefaultQuery?.(CoreApp.Explore);
  return { query: { refId: 'A', ...query, datasource: source.getRef() }, isComplete: given !== undefined };
}

function ExplorePane({ source, location }: { source: DataSourceApi; location: PageLocation }) {
  const [first] = useState(() => firstQuery(source, location));
  const [query, setQuery] = useState(first.query);
  const [range, setRange] = useState(() => rangeOf(firstExploreState(location).range) ?? firstRange());
  const [isPaused, setPaused] = useState(false);
  const result = useQueryRun(source);
  const isLive = result.isRunning && result.request?.liveStreaming === true;
  const response = useHeld(result.response, isLive && isPaused);
  // Editors call onChange and onRunQuery in the same turn of the event loop. The run must use the changed query.
  const latest = useRef(query);
  const change = (next: DataQuery) => {
    latest.current = next;
    setQuery(next);
  };
  const run = (over = range, live = false) => {
    const ran = latest.current;
    rememberExploreState(ran, over.raw);
    setPaused(false);
    result.run(ran, refreshed(over), live);
  };
  const firstRun = useRef(run);
  // Like Grafana, runs a query from the history, the URL or the start page when the pane opens.
  useEffect(() => {
    if (first.isComplete) {
      firstRun.current();
    }
  }, [first]);
  // Requests the bundle of the flame graph early, because the server builds it on the first request. If this fails, the
  // view of the flame graph tries again and shows the error.
  useEffect(() => {
    if (query.queryType === 'profile') {
      loadFlameGraph().catch(() => undefined);
    }
  }, [query.queryType]);

  return (
    <FilteringProvider
      source={source}
      query={query}
      onModify={(next) => {
        change(next);
        run();
      }}
    >
      <ExploreToolbar
        location={{ ...location, uid: source.uid }}
        range={range}
        isRunning={result.isRunning}
        onRange={(next) => {
          setRange(next);
          run(next);
        }}
        onRun={() => run()}
        onCancel={result.cancel}
      >
        {source.meta.streaming ? (
          <LiveButtons
            isLive={isLive}
            isPaused={isPaused}
            onStart={() => run(range, true)}
            onPause={setPaused}
            onStop={result.cancel}
          />
        ) : null}
      </ExploreToolbar>
      <QueryRow source={source} query={query} range={range} result={result} onChange={change} onRun={() => run()} />
      {result.request && !result.request.liveStreaming ? (
        <LogVolumeView key={result.request.startTime} source={source} request={result.request} />
      ) : null}
      <LogContextProvider source={source} query={query}>
        {response ? (
          <ResultViews response={response} range={result.request?.range ?? range} isLive={isLive} />
        ) : result.isRunning ? (
          <LoadingPlaceholder text="Loading..." />
        ) : null}
      </LogContextProvider>
    </FilteringProvider>
  );
}
