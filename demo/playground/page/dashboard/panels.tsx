/** The panels of the dashboard. Grafana's own panels are not in its packages. */
import { css } from '@emotion/css';
import {
  type DataFrame,
  dateTimeFormat,
  type GrafanaTheme2,
  LoadingState,
  PanelPlugin,
  type PanelProps,
} from '@grafana/data';
import { sceneUtils } from '@grafana/scenes';
import { Table, usePanelContext, useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { FilteringContext } from '../explore/filtering';
import { LogLines } from '../explore/LogsView';
import { type TimeMark, TimeSeriesChart } from '../explore/TimeSeriesChart';
import { useViewsData } from '../explore/use-views-data';

const MARKS_HEIGHT = 22;

/** Ids of the panels. Grafana has panels with the same ids. */
export const PANELS = { timeSeries: 'timeseries', table: 'table', logs: 'logs' } as const;

/** May be called once per page. */
export function registerPanels(): void {
  const components = { timeseries: TimeSeriesPanel, table: TablePanel, logs: LogsPanel };
  for (const [pluginId, component] of Object.entries(components)) {
    const plugin = new PanelPlugin(component).setDataSupport({ annotations: true, alertStates: false });
    sceneUtils.registerRuntimePanelPlugin({ pluginId, plugin });
  }
}

interface Annotation extends TimeMark {
  text: string;
}

function annotationsOf(frames: readonly DataFrame[], colorOf: (name: string) => string): Annotation[] {
  return frames.flatMap((frame) => {
    const values = (name: string) => frame.fields.find((field) => field.name === name)?.values;
    const [times, texts, colors] = [values('time'), values('text'), values('color')];
    return Array.from({ length: frame.length }, (_none, row) => ({
      timeMs: Number(times?.[row]),
      text: String(texts?.[row] ?? ''),
      color: colorOf(String(colors?.[row] ?? 'orange')),
    }));
  });
}

function TimeSeriesPanel({ data, width, height, timeRange }: PanelProps) {
  const styles = useStyles2(getStyles);
  const { visualization } = useTheme2();
  const frames = useViewsData(data.series);
  const marks = useMemo(
    () => annotationsOf(data.annotations ?? [], (name) => visualization.getColorByName(name)),
    [data.annotations, visualization]
  );
  const hasRows = frames.some((frame) => frame.length > 0 && frame.fields.length > 1);
  if (!hasRows) {
    return <NoData state={data.state} />;
  }
  const listHeight = marks.length > 0 ? MARKS_HEIGHT : 0;
  return (
    <>
      <TimeSeriesChart frames={frames} width={width} height={height - listHeight} range={timeRange} marks={marks} />
      {marks.length > 0 ? (
        <ul aria-label="Annotations" className={styles.marks}>
          {marks.map(({ timeMs, text, color }) => (
            <li key={`${timeMs} ${text}`}>
              <span className={styles.dot} style={{ background: color }} />
              {dateTimeFormat(timeMs, { format: 'HH:mm' })} {text}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function TablePanel({ data, width, height, title }: PanelProps) {
  const [frame] = useViewsData(data.series);
  const { onAddAdHocFilter } = usePanelContext();
  if (!frame || frame.length === 0) {
    return <NoData state={data.state} />;
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

function LogsPanel({ data, height }: PanelProps) {
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
    return <NoData state={data.state} />;
  }
  return (
    <FilteringContext.Provider value={filtering}>
      <LogLines frame={frame} maxHeight={height} />
    </FilteringContext.Provider>
  );
}

function NoData({ state }: { state: LoadingState }) {
  const styles = useStyles2(getStyles);
  return state === LoadingState.Done ? <div className={styles.empty}>No data</div> : null;
}

const getStyles = (theme: GrafanaTheme2) => ({
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
