/**
 * Builds panels. Each panel has a description. No panel has a message of its own for an empty result: Grafana shows
 * the same message (`noValue`) if the query fails. That nothing was found is stated by rows, such as a count of 0.
 */
import { type Builder, type Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  type DataSourceRef,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellHeight,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type GridPos,
  type Panel,
  PanelBuilder as AnyPanelBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { DATA_SOURCE, target } from './queries';

/** Display options of fields, by the name of the field. */
export type Overrides = Readonly<Record<string, readonly DynamicConfigValue[]>>;

export interface PanelOptions {
  title: string;
  /** What the panel shows, and how to read it. */
  description: string;
  query: MicromegasQueryFields;
  /** Unit of the values. Default: none. */
  unit?: string;
  overrides?: Overrides;
}

/** A panel that a dashboard can place. */
export interface PlacedPanel extends Builder<Panel> {
  id(id: number): this;
  gridPos(position: GridPos): this;
}

interface Common extends PlacedPanel {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: DataSourceRef): this;
  withTarget(target: Builder<Dataquery>): this;
  unit(unit: string): this;
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
}

function withCommon<T extends Common>(panel: T, options: PanelOptions): T {
  const { title, description, query, unit, overrides = {} } = options;
  panel.title(title).description(description).datasource(DATA_SOURCE).withTarget(target(query));
  if (unit !== undefined) {
    panel.unit(unit);
  }
  for (const [name, properties] of Object.entries(overrides)) {
    panel.overrideByName(name, [...properties]);
  }
  return panel;
}

/** `log_stats` counts lines by minute, so a shorter interval would have empty points. */
export const MINUTE = '1m';

interface TimeSeriesOptions extends PanelOptions {
  /** `bars` and `areas` are stacked. Default: lines. */
  style?: 'bars' | 'areas' | 'lines';
  /** Default: the interval of the dashboard. */
  minInterval?: string;
  max?: number;
}

export function timeSeries({ style = 'lines', minInterval, max, ...options }: TimeSeriesOptions): PlacedPanel {
  const panel = withCommon(new TimeSeriesBuilder(), options)
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .showPoints(VisibilityMode.Auto);
  if (options.unit === 'locale') {
    // Counts. Without this, Grafana divides the axis of small counts into fractions.
    panel.decimals(0);
  }
  if (max !== undefined) {
    panel.max(max);
  }
  if (minInterval !== undefined) {
    panel.interval(minInterval);
  }
  if (style === 'lines') {
    return panel.drawStyle(GraphDrawStyle.Line).lineWidth(1).fillOpacity(10);
  }
  panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  return style === 'bars'
    ? panel.drawStyle(GraphDrawStyle.Bars).lineWidth(0).fillOpacity(80)
    : panel.drawStyle(GraphDrawStyle.Line).lineWidth(1).fillOpacity(40);
}

/** With more values in a panel of 720 pixels, Grafana shows names and values that are too small to read. */
const MAX_LARGE_VALUES = 4;

/** Shows one value for each column of the result: the last value that is not null. */
export function stat(options: PanelOptions): PlacedPanel {
  // Without this color, Grafana shows "No data" in green.
  const panel = new StatBuilder().colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor('text'));
  if (Object.keys(options.overrides ?? {}).length > MAX_LARGE_VALUES) {
    panel.text(new VizTextDisplayOptionsBuilder().titleSize(12).valueSize(18));
  }
  return withCommon(panel, options)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName);
}

interface TableOptions extends PanelOptions {
  /** Default: small. */
  cellHeight?: TableCellHeight;
}

export function table({ cellHeight = TableCellHeight.Sm, ...options }: TableOptions): PlacedPanel {
  // A cell without a value shows a dash.
  const panel = new TableBuilder().overrideByRegexp('.*', [{ id: 'noValue', value: '–' }]);
  return withCommon(panel, options).showHeader(true).cellHeight(cellHeight);
}

export function logs(options: PanelOptions): PlacedPanel {
  return withCommon(new LogsBuilder(), options).showTime(true).wrapLogMessage(true).enableLogDetails(true);
}

/**
 * A panel for which the SDK has no builder, such as a flame graph.
 *
 * @param options `newest`: if the time range is relative, the panel reads only its newest part. This is the length of
 * the part, such as `5m`. Default: the whole range.
 */
export function panelOf(type: string, { newest, ...options }: PanelOptions & { newest?: string }): PlacedPanel {
  const panel = withCommon(new AnyPanelBuilder(), options).type(type);
  return newest === undefined ? panel : panel.timeFrom(newest);
}
