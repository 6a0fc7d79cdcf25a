import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';

/** The content of a screen with Grafana's margins. */
export function Page({ children }: { children: ReactNode }) {
  return <div className={useStyles2(getStyles)}>{children}</div>;
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    minHeight: '100%',
    padding: theme.spacing(1, 4, 3),
    background: theme.colors.background.primary,
    [theme.breakpoints.down('md')]: { padding: theme.spacing(1, 2, 2) },
  });
