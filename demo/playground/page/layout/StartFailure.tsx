import { Alert } from '@grafana/ui';
import React from 'react';
import { usePageLocation } from '../location';
import { ThemeProvider } from './ThemeProvider';

/** The page if the plugin cannot be loaded. */
export function StartFailure({ error }: { error: unknown }) {
  const { theme } = usePageLocation();
  return (
    <ThemeProvider mode={theme}>
      <Alert severity="error" title="The plugin could not be loaded">
        {error instanceof Error ? error.message : String(error)}
      </Alert>
    </ThemeProvider>
  );
}
