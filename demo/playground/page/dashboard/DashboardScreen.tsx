import { type DataSourceApi } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { DataSourceChoice } from '../layout/DataSourceChoice';
import { Page } from '../layout/Page';
import { ScreenTabs } from '../layout/ScreenTabs';
import { type PageLocation } from '../location';
import { useDataSource, useRuntime } from '../runtime/use-runtime';
import { dashboardScene } from './dashboard-scene';
import { registerPanels } from './panels';

registerPanels();

/** A dashboard with variables, ad hoc filters, annotations and panels. */
export function DashboardScreen({ location }: { location: PageLocation }) {
  const { dataSources } = useRuntime();
  const uid = location.uid || dataSources.getList()[0].uid;
  const source = useDataSource(uid);
  const here = { ...location, uid };
  return (
    <Page>
      <ScreenTabs location={here} />
      <div style={{ margin: '16px 0' }}>
        <DataSourceChoice location={here} />
      </div>
      {source?.uid === uid ? <Dashboard key={uid} source={source} /> : <LoadingPlaceholder text="Loading..." />}
    </Page>
  );
}

function Dashboard({ source }: { source: DataSourceApi }) {
  const { dashboard } = useRuntime();
  const [scene] = useState(() =>
    dashboardScene({ datasource: source.getRef(), hasListFilters: Boolean(source.meta.multiValueFilterOperators) })
  );
  useEffect(() => {
    dashboard.show(scene);
    return () => dashboard.show(undefined);
  }, [dashboard, scene]);
  return <scene.Component model={scene} />;
}
