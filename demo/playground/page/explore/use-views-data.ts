import { applyFieldOverrides, type DataFrame, type Field, FieldConfigOptionsRegistry } from '@grafana/data';
import { GraphDrawStyle, VisibilityMode } from '@grafana/schema';
import { useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';
import { useRuntime } from '../runtime/use-runtime';

const NO_OPTIONS = new FieldConfigOptionsRegistry();

/** Explore's line style. */
const LINES = {
  drawStyle: GraphDrawStyle.Line,
  lineWidth: 1,
  fillOpacity: 0,
  pointSize: 5,
  showPoints: VisibilityMode.Auto,
};

/** Defaults of Grafana's panels. The configuration of a frame has precedence. */
function withDefaults(field: Field): Field {
  const { config } = field;
  return {
    ...field,
    config: { color: { mode: 'palette-classic' }, ...config, custom: { ...LINES, ...config.custom } },
  };
}

/** Adds display values, colours and styles to frames, like Grafana's panels. */
export function useViewsData(frames: DataFrame[]): DataFrame[] {
  const theme = useTheme2();
  const { templates } = useRuntime();
  return useMemo(
    () =>
      applyFieldOverrides({
        data: frames.map((frame) => ({ ...frame, fields: frame.fields.map(withDefaults) })),
        fieldConfig: { defaults: {}, overrides: [] },
        fieldConfigRegistry: NO_OPTIONS,
        replaceVariables: (text, scopedVars, format) => templates.replace(text, scopedVars, format),
        theme,
        timeZone: 'browser',
      }),
    [frames, templates, theme]
  );
}
