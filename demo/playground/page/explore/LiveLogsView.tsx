import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { PanelChrome, useStyles2 } from '@grafana/ui';
import React, { useLayoutEffect, useMemo, useRef } from 'react';
import { type LogRowModel, readLogRows } from './log-row-model';
import { LogRow } from './LogRow';
import { useViewsData } from './use-views-data';

/** Maximum number of lines that are rendered. The newest lines are kept. */
const SHOWN_ROWS = 200;

interface Line {
  row: LogRowModel;
  frame: DataFrame;
}

/** The lines of a live tail, newest last, as in Explore. The view scrolls to the newest line. */
export function LiveLogsView({ frames, range }: { frames: DataFrame[]; range: TimeRange }) {
  const styles = useStyles2(getStyles);
  const data = useViewsData(frames, range);
  const lines = useMemo(() => inOrder(data).slice(-SHOWN_ROWS), [data]);
  const scroll = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    scroll.current?.scrollTo({ top: scroll.current.scrollHeight });
  }, [lines]);
  const count = frames.reduce((sum, { length }) => sum + length, 0);
  return (
    <PanelChrome title={`Live logs (${count} lines)`}>
      <div ref={scroll} className={styles.scroll} tabIndex={0} role="group" aria-label="Live logs">
        <div role="list" aria-label="Log lines" className={styles.rows}>
          {lines.map(({ row, frame }) => (
            <LogRow key={row.key} row={row} frame={frame} />
          ))}
        </div>
      </div>
    </PanelChrome>
  );
}

function inOrder(frames: readonly DataFrame[]): Line[] {
  return frames
    .flatMap((frame) => (readLogRows(frame) ?? []).map((row) => ({ row, frame })))
    .sort((a, b) => a.row.timeMs - b.row.timeMs || a.row.nanos - b.row.nanos);
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ height: 480, overflow: 'auto' }),
  rows: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
