import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, ToolbarButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { NEW_DATA_SOURCE } from '../../playground-data';
import { navigate, type PageLocation, shownTheme } from '../location';
import { useRuntime } from '../runtime/use-runtime';
import { PageLink } from './PageLink';
import { UserMenu } from './UserMenu';

const TITLES = {
  explore: 'Explore',
  dashboard: 'Dashboards',
  variables: 'Variables',
  settings: 'Data sources',
};

/** Grafana's top bar: the current screen, the theme and the user. */
export function TopBar({ location }: { location: PageLocation }) {
  const styles = useStyles2(getStyles);
  const { dataSources } = useRuntime();
  const settings = dataSources.getInstanceSettings(location.uid || null);
  const otherTheme = { ...location, theme: shownTheme(location) === 'dark' ? ('light' as const) : ('dark' as const) };
  return (
    <header className={styles.bar}>
      <nav aria-label="Breadcrumbs" className={styles.crumbs}>
        <PageLink to={{ ...location, screen: 'explore', uid: '', left: undefined }}>Home</PageLink>
        <Icon name="angle-right" />
        <span className={styles.section}>{TITLES[location.screen]}</span>
        <Icon name="angle-right" className={styles.section} />
        <span className={styles.current}>{settings?.name}</span>
      </nav>
      <ToolbarButton
        icon="plus"
        aria-label="New data source"
        variant="canvas"
        onClick={() => navigate({ ...location, screen: 'settings', uid: NEW_DATA_SOURCE, left: undefined })}
      >
        New data source
      </ToolbarButton>
      <ToolbarButton
        icon="adjust-circle"
        variant="canvas"
        aria-label={`Switch to the ${otherTheme.theme} theme`}
        tooltip={`Switch to the ${otherTheme.theme} theme`}
        onClick={() => navigate(otherTheme)}
      />
      <UserMenu />
    </header>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    height: theme.spacing(5),
    flexShrink: 0,
    padding: theme.spacing(0, 2),
    background: theme.colors.background.primary,
    borderTop: `2px solid ${theme.v1.palette.orange}`,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  crumbs: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    flex: 1,
    minWidth: 0,
    whiteSpace: 'nowrap',
    overflow: 'hidden',
  }),
  section: css({ [theme.breakpoints.down('sm')]: { display: 'none' } }),
  current: css({ color: theme.colors.text.secondary, overflow: 'hidden', textOverflow: 'ellipsis' }),
});
