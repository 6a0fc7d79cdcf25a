import { createTheme, ThemeContext } from '@grafana/data';
import { config } from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import React, { type ReactNode, useLayoutEffect, useMemo } from 'react';

interface Props {
  mode: 'light' | 'dark';
  children: ReactNode;
}

/** Grafana's theme, its global styles, and the root element of its menus and dialogs. */
export function ThemeProvider({ mode, children }: Props) {
  const theme = useMemo(() => createTheme({ colors: { mode } }), [mode]);

  useLayoutEffect(() => {
    config.theme2 = theme;
    document.body.classList.toggle('theme-light', theme.isLight);
    document.body.classList.toggle('theme-dark', theme.isDark);
    document.body.style.background = theme.colors.background.canvas;
  }, [theme]);

  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {children}
      <PortalContainer />
    </ThemeContext.Provider>
  );
}
