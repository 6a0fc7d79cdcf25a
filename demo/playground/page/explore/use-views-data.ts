import {
  applyFieldOverrides,
  type DataFrame,
  type DataLinkPostProcessor,
  type Field,
  FieldConfigOptionsRegistry,
  mapInternalLinkToExplore,
  type TimeRange,
} from '@grafana/data';
import { GraphDrawStyle, VisibilityMode } from '@grafana/schema';
import { useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';
import { navigateTo } from '../location';
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

/**
 * The time range of all links, or a function that returns the range for the links of a row. Undefined: each link uses
 * its own range, as in dashboards.
 */
export type LinkRange = TimeRange | ((row: number) => TimeRange | undefined) | undefined;

/** Lets a link to a query open on the Explore screen. Grafana's Explore opens such a link beside the result. */
function linksToExplore(range: LinkRange): DataLinkPostProcessor {
  return ({ field, dataLinkScopedVars, replaceVariables, config, link, linkModel }) => {
    if (!link.internal) {
      return linkModel;
    }
    const model = mapInternalLinkToExplore({
      link,
      internalLink: link.internal,
      scopedVars: dataLinkScopedVars,
      range:
        range === undefined
          ? link.internal.range
          : typeof range === 'function'
            ? range(config.valueRowIndex ?? 0)
            : range,
      field,
      replaceVariables,
    });
    const onClick = (event: Partial<Event>) => {
      event.preventDefault?.();
      navigateTo(model.href);
    };
    return { ...model, onClick };
  };
}

/**
 * Adds display values, colors, styles and links to frames, as Grafana's panels do.
 *
 * @param range The range of links in Explore. Explore ignores the range that the link itself has.
 */
export function useViewsData(frames: DataFrame[], range?: LinkRange): DataFrame[] {
  const theme = useTheme2();
  const { templates } = useRuntime();
  return useMemo(
    () =>
      applyFieldOverrides({
        data: frames.map((frame) => ({ ...frame, fields: frame.fields.map(withDefaults) })),
        fieldConfig: { defaults: {}, overrides: [] },
        fieldConfigRegistry: NO_OPTIONS,
        replaceVariables: (template, scopedVars, format) => templates.replace(template, scopedVars, format),
        theme,
        timeZone: 'browser',
        dataLinkPostProcessor: linksToExplore(range),
      }),
    [frames, range, templates, theme]
  );
}
