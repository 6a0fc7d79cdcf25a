import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Badge, useStyles2 } from '@grafana/ui';
import React from 'react';
import { DataSourceChoice } from '../layout/DataSourceChoice';
import { type PageLocation } from '../location';
import { type EditedSettings } from './use-data-source-settings';

/** Logo, name and type of the data source, and a dropdown with the other data sources. */
export function SettingsHeader({ settings, location }: { settings: EditedSettings; location: PageLocation }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.header}>
      <img src={settings.typeLogoUrl} alt="" className={styles.logo} />
      <h1 className={styles.name}>{settings.name}</h1>
      <div className={styles.side}>
        <Badge text="Alerting supported" color="green" />
        <DataSourceChoice location={location} />
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  header: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(2),
    marginBottom: theme.spacing(2),
  }),
  logo: css({ width: 32, height: 32 }),
  name: css({ margin: 0, flex: 1 }),
  side: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
});
