import { Alert, LoadingPlaceholder } from '@grafana/ui';
import React from 'react';
import { Page } from '../layout/Page';
import { ScreenTabs } from '../layout/ScreenTabs';
import { type PageLocation } from '../location';
import { useRuntime } from '../runtime/use-runtime';
import { SettingsForm } from './SettingsForm';
import { SettingsHeader } from './SettingsHeader';
import { useDataSourceSettings } from './use-data-source-settings';

/** Grafana's settings page of a data source. */
export function SettingsScreen({ location }: { location: PageLocation }) {
  const { dataSources } = useRuntime();
  const uid = location.uid || dataSources.getList()[0].uid;
  const editing = useDataSourceSettings(uid);
  const here = { ...location, uid };
  if (editing.error !== undefined) {
    return (
      <Page>
        <Alert severity="error" title={editing.error} />
      </Page>
    );
  }
  const { settings } = editing;
  return (
    <Page>
      {settings ? (
        <>
          <SettingsHeader settings={settings} location={here} />
          <ScreenTabs location={here} />
          <SettingsForm key={uid} settings={settings} editing={editing} location={here} />
        </>
      ) : (
        <LoadingPlaceholder text="Loading..." />
      )}
    </Page>
  );
}
