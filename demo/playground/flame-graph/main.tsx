/** The entry of the flame graph's bundle: Grafana's component, which the page mounts through `FlameGraphApi`. */
import { createTheme, dataFrameFromJSON, type DataFrameJSON } from '@grafana/data';
import { FlameGraph } from '@grafana/flamegraph';
import { initPluginTranslations } from '@grafana/i18n';
import React, { type ComponentProps, useCallback, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { FLAME_GRAPH, type FlameGraphApi, type FlameGraphInput } from './flame-graph-api';

type Props = ComponentProps<typeof FlameGraph>;

function Graph({ frame, theme }: FlameGraphInput) {
  // The casts to the component's types are needed because TypeScript reads the types of the page's @grafana/data. The
  // bundle contains the version that the component needs.
  const data = useMemo(() => dataFrameFromJSON(frame as DataFrameJSON) as Props['data'], [frame]);
  const getTheme = useCallback(
    () => createTheme({ colors: { mode: theme } }) as ReturnType<Props['getTheme']>,
    [theme]
  );
  return <FlameGraph data={data} getTheme={getTheme} showAnalyzeWithAssistant={false} />;
}

const api: FlameGraphApi = {
  mount(element, input) {
    const root = createRoot(element);
    root.render(<Graph {...input} />);
    return {
      update: (next) => root.render(<Graph {...next} />),
      unmount: () => root.unmount(),
    };
  },
};

window[FLAME_GRAPH] = initPluginTranslations('grafana').then(() => api);
