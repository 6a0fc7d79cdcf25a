import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, ErrorBoundaryAlert, useStyles2 } from '@grafana/ui';
import React from 'react';
import { AuditStrip } from './audit/AuditStrip';
import { DashboardScreen } from './dashboard/DashboardScreen';
import { ExploreScreen } from './explore/ExploreScreen';
import { shownTheme, usePageLocation } from './location';
import { RuntimeContext } from './runtime/use-runtime';
import { type PlaygroundRuntime } from './runtime/set-up';
import { SettingsScreen } from './settings/SettingsScreen';
import { VariablesScreen } from './variables/VariablesScreen';
import { ThemeProvider } from './layout/ThemeProvider';
import { TopBar } from './layout/TopBar';

const SCREENS = {
  explore: ExploreScreen,
  dashboard: DashboardScreen,
  variables: VariablesScreen,
  settings: SettingsScreen,
};

/** The layout of all screens: top bar, screen, and the audit log of the lakehouse. */
export function App({ runtime }: { runtime: PlaygroundRuntime }) {
  const location = usePageLocation();
  return (
    <ThemeProvider mode={shownTheme(location)}>
      <RuntimeContext.Provider value={runtime}>
        <Frame location={location} />
      </RuntimeContext.Provider>
    </ThemeProvider>
  );
}

/** The page if the plugin cannot be loaded. */
export function StartFailure({ error }: { error: unknown }) {
  const location = usePageLocation();
  return (
    <ThemeProvider mode={shownTheme(location)}>
      <Alert severity="error" title="The plugin could not be loaded">
        {error instanceof Error ? error.message : String(error)}
      </Alert>
    </ThemeProvider>
  );
}

function Frame({ location }: { location: ReturnType<typeof usePageLocation> }) {
  const styles = useStyles2(getStyles);
  const Screen = SCREENS[location.screen];
  return (
    <div className={styles.frame}>
      <TopBar location={location} />
      <main className={styles.main}>
        <ErrorBoundaryAlert
          key={`${location.screen}/${location.uid}/${location.left ?? ''}`}
          title="The screen has failed"
        >
          <Screen location={location} />
        </ErrorBoundaryAlert>
      </main>
      <AuditStrip />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ display: 'flex', flexDirection: 'column', height: '100vh', color: theme.colors.text.primary }),
  main: css({ flex: 1, minHeight: 0, overflow: 'auto' }),
});
