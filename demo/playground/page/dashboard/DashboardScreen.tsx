import { type DataSourceApi } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import React, { useEffect, useMemo, useState } from 'react';
import { DataSourceScreen } from '../layout/DataSourceScreen';
import { type PageLocation } from '../location';
import { useRuntime } from '../runtime/use-runtime';
import { dashboardScene } from './dashboard-scene';
import { DashboardChoice } from './DashboardChoice';
import { registerPanels } from './panels';
import { type PlaygroundDashboard } from './playground-dashboard';
import { dashboardNames, DEMO, readDashboard } from './saved-dashboard';
import { savedScene } from './saved-scene';

registerPanels();

/** Shows one dashboard at a time: a dashboard of the plugin, or the dashboard of the demo. */
export function DashboardScreen({ location }: { location: PageLocation }) {
  return (
    <DataSourceScreen location={location}>
      {(source, here) => <Dashboards source={source} location={here} />}
    </DataSourceScreen>
  );
}

function Dashboards({ source, location }: { source: DataSourceApi; location: PageLocation }) {
  const names = useMemo(() => dashboardNames(source.meta), [source]);
  const shown = location.dashboard ?? names[0].name;
  return (
    <>
      <DashboardChoice names={names} shown={shown} location={location} />
      <Dashboard key={shown} name={shown} source={source} />
    </>
  );
}

function Dashboard({ name, source }: { name: string; source: DataSourceApi }) {
  const { dashboard } = useRuntime();
  const [scene, setScene] = useState<PlaygroundDashboard | { error: string }>();
  useEffect(() => {
    let isCurrent = true;
    sceneOf(name, source).then(
      (made) => {
        if (isCurrent) {
          dashboard.show(made);
          setScene(made);
        }
      },
      (reason: Error) => isCurrent && setScene({ error: reason.message })
    );
    return () => {
      isCurrent = false;
      dashboard.show(undefined);
    };
  }, [dashboard, name, source]);
  if (scene === undefined) {
    return <LoadingPlaceholder text="Loading..." />;
  }
  return 'error' in scene ? (
    <Alert severity="error" title="The dashboard cannot be shown">
      {scene.error}
    </Alert>
  ) : (
    <scene.Component model={scene} />
  );
}

/** True for Grafana 13.2 and later. */
function hasGroups(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major! > 13 || (major === 13 && minor! >= 2);
}

async function sceneOf(name: string, source: DataSourceApi): Promise<PlaygroundDashboard> {
  const datasource = source.getRef();
  return name === DEMO
    ? dashboardScene({
        datasource,
        hasListFilters: Boolean(source.meta.multiValueFilterOperators),
        hasGroups: hasGroups(config.buildInfo.version),
      })
    : savedScene(await readDashboard(name, source.meta, source.uid), datasource);
}
