import { type DataSourceApi } from '@grafana/data';
import React, { useEffect, useState } from 'react';
import { DataSourceScreen } from '../layout/DataSourceScreen';
import { type PageLocation } from '../location';
import { useRuntime } from '../runtime/use-runtime';
import { dashboardScene } from './dashboard-scene';
import { registerPanels } from './panels';

registerPanels();

/** A dashboard with variables, ad hoc filters, annotations and panels. */
export function DashboardScreen({ location }: { location: PageLocation }) {
  return <DataSourceScreen location={location}>{(source) => <Dashboard source={source} />}</DataSourceScreen>;
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
