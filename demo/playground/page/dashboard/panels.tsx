/** The panels of the demo's dashboards. They replace Grafana's panels, which are not in Grafana's npm packages. */
import { css } from '@emotion/css';
import {
  type DataFrame,
  dateTimeFormat,
  getDisplayProcessor,
  getFieldDisplayName,
  type GrafanaTheme2,
  LoadingState,
  PanelPlugin,
  type PanelProps,
} from '@grafana/data';
import { sceneUtils } from '@grafana/scenes';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  Table,
  usePanelContext,
  useStyles2,
  useTheme2,
} from '@grafana/ui';
import React, { useMemo } from 'react';
import { FilteringContext } from '../explore/filtering';
import { FlameGraphContent } from '../explore/flame-graph/FlameGraphView';
import { LogLines } from '../explore/LogsView';
import { NodeGraphContent } from '../explore/node-graph/NodeGraphView';
import { type TimeMark, TimeSeriesChart } from '../explore/TimeSeriesChart';
import { useViewsData } from '../explore/use-views-data';
import { registerFieldOptions, withFieldOptions } from './field-options';

const MARKS_HEIGHT = 22;

/** Ids of the panels of the demo. Grafana has panels with the same ids. */
export const PANELS = { timeSeries: 'timeseries', table: 'table', logs: 'logs' } as const;

const COMPONENTS = {
  timeseries: TimeSeriesPanel,
  table: TablePanel,
  logs: LogsPanel,
  stat: StatPanel,
  nodeGraph: NodeGraphPanel,
  flamegraph: FlameGraphPanel,
} as const;

/** Call this only once per page. */
export function registerPanels(): void {
  registerFieldOptions();
  for (const [pluginId, component] of Object.entries(COMPONENTS)) {
    const plugin = new PanelPlugin(component).setDataSupport({ annotations: true, alertStates: false });
    sceneUtils.registerRuntimePanelPlugin({ pluginId, plugin: withFieldOptions(plugin) });
  }
}

interface Annotation extends TimeMark {
  label: string;
}

function annotationsOf(frames: readonly DataFrame[], colorOf: (name: string) => string): Annotation[] {
  return frames.flatMap((frame) => {
    const values = (name: string) => frame.fields.find((field) => field.name === name)?.values;
    const [times, labels, colors] = [values('time'), values('text'), values('color')];
    return Array.from({ length: frame.length }, (_none, row) => ({
      timeMs: Number(times?.[row]),
      label: String(labels?.[row] ?? ''),
      color: colorOf(String(colors?.[row] ?? 'orange')),
    }));
  });
}

function TimeSeriesPanel({ data, width, height, timeRange, fieldConfig }: PanelProps) {
  const styles = useStyles2(getStyles);
  const { visualization } = useTheme2();
  const frames = useViewsData(data.series);
  const marks = useMemo(
    () => annotationsOf(data.annotations ?? [], (name) => visualization.getColorByName(name)),
    [data.annotations, visualization]
  );
  const hasRows = frames.some((frame) => frame.length > 0 && frame.fields.length > 1);
  if (!hasRows) {
    return <NoData state={data.state} fieldConfig={fieldConfig} />;
  }
  const listHeight = marks.length > 0 ? MARKS_HEIGHT : 0;
  return (
    <>
      <TimeSeriesChart frames={frames} width={width} height={height - listHeight} range={timeRange} marks={marks} />
      {marks.length > 0 ? (
        <ul aria-label="Annotations" className={styles.marks}>
          {marks.map(({ timeMs, label, color }) => (
            <li key={`${timeMs} ${label}`}>
              <span className={styles.dot} style={{ background: color }} />
              {dateTimeFormat(timeMs, { format: 'HH:mm' })} {label}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function TablePanel({ data, width, height, title, fieldConfig }: PanelProps) {
  const [frame] = useViewsData(data.series);
  const { onAddAdHocFilter } = usePanelContext();
  if (!frame || frame.length === 0) {
    return <NoData state={data.state} fieldConfig={fieldConfig} />;
  }
  return (
    <Table
      ariaLabel={title}
      data={frame}
      width={width}
      height={height}
      columnMinWidth={130}
      onCellFilterAdded={onAddAdHocFilter}
    />
  );
}

function LogsPanel({ data, height, fieldConfig }: PanelProps) {
  const [frame] = useViewsData(data.series);
  const { onAddAdHocFilter } = usePanelContext();
  const filtering = useMemo(
    () => ({
      isActive: () => false,
      filterValue: onAddAdHocFilter
        ? (key: string, value: string, isOut: boolean) => onAddAdHocFilter({ key, value, operator: isOut ? '!=' : '=' })
        : undefined,
    }),
    [onAddAdHocFilter]
  );
  if (!frame || frame.length === 0) {
    return <NoData state={data.state} fieldConfig={fieldConfig} />;
  }
  return (
    <FilteringContext.Provider value={filtering}>
      <LogLines frame={frame} maxHeight={height} />
    </FilteringContext.Provider>
  );
}

/** The values of the first row. */
function StatPanel({ data, width, height, fieldConfig }: PanelProps) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [frame] = useViewsData(data.series);
  if (!frame || frame.length === 0) {
    return <NoData state={data.state} fieldConfig={fieldConfig} />;
  }
  return (
    <div className={styles.stats}>
      {frame.fields.map((field) => (
        <BigValue
          key={field.name}
          theme={theme}
          width={width / frame.fields.length}
          height={height}
          value={{
            ...getDisplayProcessor({ field, theme })(field.values[0]),
            title: getFieldDisplayName(field, frame),
          }}
          colorMode={BigValueColorMode.Value}
          graphMode={BigValueGraphMode.None}
          textMode={BigValueTextMode.ValueAndName}
        />
      ))}
    </div>
  );
}

function NodeGraphPanel({ data, width, height, timeRange, fieldConfig }: PanelProps) {
  return data.series.some(({ length }) => length > 0) ? (
    <div style={{ width, height, overflow: 'auto' }}>
      <NodeGraphContent frames={data.series} range={timeRange} />
    </div>
  ) : (
    <NoData state={data.state} fieldConfig={fieldConfig} />
  );
}

function FlameGraphPanel({ data, width, height, fieldConfig }: PanelProps) {
  const frame = data.series.find(({ meta }) => meta?.preferredVisualisationType === 'flamegraph');
  return frame !== undefined && frame.length > 0 ? (
    <div style={{ width, height, overflow: 'auto' }}>
      <FlameGraphContent frame={frame} />
    </div>
  ) : (
    <NoData state={data.state} fieldConfig={fieldConfig} />
  );
}

/** The panel's message for a result without rows. Default: Grafana's message. */
function NoData({ state, fieldConfig }: Pick<PanelProps, 'fieldConfig'> & { state: LoadingState }) {
  const styles = useStyles2(getStyles);
  const { noValue = 'No data' } = fieldConfig.defaults;
  return state === LoadingState.Done ? <div className={styles.empty}>{noValue}</div> : null;
}

const getStyles = (theme: GrafanaTheme2) => ({
  stats: css({ display: 'flex', height: '100%' }),
  empty: css({ padding: theme.spacing(2), color: theme.colors.text.secondary, textAlign: 'center' }),
  marks: css({
    display: 'flex',
    gap: theme.spacing(2),
    height: MARKS_HEIGHT,
    margin: 0,
    overflow: 'hidden',
    listStyle: 'none',
    whiteSpace: 'nowrap',
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  dot: css({
    display: 'inline-block',
    width: 8,
    height: 8,
    marginRight: theme.spacing(0.5),
    borderRadius: theme.shape.radius.circle,
  }),
});
