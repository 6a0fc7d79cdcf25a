/** A screen of the data source in `location`. Default: the first data source. */
import { type DataSourceApi } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { type ReactElement } from 'react';
import { type PageLocation } from '../location';
import { useDataSource, useRuntime } from '../runtime/use-runtime';
import { DataSourceChoice } from './DataSourceChoice';
import { Page } from './Page';
import { ScreenTabs } from './ScreenTabs';

interface Props {
  location: PageLocation;
  /** Called when the data source has loaded. The content is mounted again for another data source. */
  children: (source: DataSourceApi, location: PageLocation) => ReactElement;
}

export function DataSourceScreen({ location, children }: Props) {
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
      {source?.uid === uid ? (
        <React.Fragment key={uid}>{children(source, here)}</React.Fragment>
      ) : (
        <LoadingPlaceholder text="Loading..." />
      )}
    </Page>
  );
}
