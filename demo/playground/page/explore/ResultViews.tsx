import { css } from '@emotion/css';
import { type DataFrame, type DataQueryResponse, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { chooseViews } from './choose-views';
import { FlameGraphView } from './flame-graph/FlameGraphView';
import { GraphView } from './GraphView';
import { LiveLogsView } from './LiveLogsView';
import { LogsView } from './LogsView';
import { NodeGraphView } from './node-graph/NodeGraphView';
import { TableView } from './TableView';
import { TraceView } from './trace/TraceView';

interface Props {
  response: DataQueryResponse;
  range: TimeRange;
  /** True while the result is a live tail. */
  isLive?: boolean;
}

function tableTitle({ name }: DataFrame, index: number, count: number): string {
  return name ? `Table - ${name}` : count > 1 ? `Table ${index + 1}` : 'Table';
}

/** Errors, notices and views of a result. */
export function ResultViews({ response, range, isLive = false }: Props) {
  const styles = useStyles2(getStyles);
  const frames = useMemo(() => response.data as DataFrame[], [response]);
  const views = useMemo(() => chooseViews(frames.filter((frame) => frame.length > 0)), [frames]);
  const errors = response.errors ?? (response.error ? [response.error] : []);
  const notices = frames.flatMap((frame) => frame.meta?.notices ?? []);
  const isEmpty = !isLive && errors.length === 0 && frames.every((frame) => frame.length === 0);
  return (
    <div className={styles.views}>
      {errors.map((error, index) => (
        <Alert key={index} severity="error" title="Query error" data-testid="query error">
          {error.message ?? error.data?.message}
        </Alert>
      ))}
      {notices.map((notice, index) => (
        <Alert key={index} severity={notice.severity} title={notice.text} data-testid="query notice" />
      ))}
      {isEmpty ? <Alert severity="info" title="No data" /> : null}
      {views.graph.length > 0 ? <GraphView frames={views.graph} range={range} /> : null}
      {isLive ? (
        <LiveLogsView frames={views.logs} range={range} />
      ) : (
        views.logs.map((frame, index) => <LogsView key={index} frame={frame} range={range} />)
      )}
      {views.trace.map((frame, index) => (
        <TraceView key={index} frame={frame} />
      ))}
      {views.nodeGraph.length > 0 ? <NodeGraphView frames={views.nodeGraph} range={range} /> : null}
      {views.flamegraph.map((frame, index) => (
        <FlameGraphView key={index} frame={frame} />
      ))}
      {views.table.map((frame, index) => (
        <TableView key={index} frame={frame} range={range} title={tableTitle(frame, index, views.table.length)} />
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  views: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(1) }),
});
