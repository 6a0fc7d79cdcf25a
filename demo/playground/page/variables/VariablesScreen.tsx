import { LoadingPlaceholder } from '@grafana/ui';
import React from 'react';
import { DataSourceChoice } from '../layout/DataSourceChoice';
import { Page } from '../layout/Page';
import { ScreenTabs } from '../layout/ScreenTabs';
import { type PageLocation } from '../location';
import { useDataSource, useRuntime } from '../runtime/use-runtime';
import { VariableForm } from './VariableForm';

/** Edits a query variable, like the settings of a dashboard. */
export function VariablesScreen({ location }: { location: PageLocation }) {
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
      {source?.uid === uid ? <VariableForm key={uid} source={source} /> : <LoadingPlaceholder text="Loading..." />}
    </Page>
  );
}
