import { css } from '@emotion/css';
import { colors, useStyles2, Icon } from '@grafana/ui';
import { type DataFrame, dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import React, { useState } from 'react';
import { type Level, type LogRowModel } from './log-row-model';
import { LogDetails } from './LogDetails';

/** Grafana's colors for the levels. */
const LEVEL_COLORS: Record<Level, string> = {
  critical: colors[7],
  error: colors[4],
  warning: colors[1],
  info: colors[0],
  debug: colors[5],
  trace: colors[2],
  unknown: '#8e8e8e',
};

/** One log line. A click shows its labels and fields. */
export function LogRow({ row, frame }: { row: LogRowModel; frame: DataFrame }) {
  const styles = useStyles2(getStyles);
  const [isOpen, setOpen] = useState(false);
  return (
    <div role="listitem" data-level={row.level}>
      <button type="button" className={styles.line} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className={styles.level} style={{ background: LEVEL_COLORS[row.level] }} title={row.level} />
        <Icon name={isOpen ? 'angle-down' : 'angle-right'} />
        <span className={styles.time}>{dateTimeFormat(row.timeMs, { format: 'YYYY-MM-DD HH:mm:ss.SSS' })}</span>
        <span className={styles.body}>{row.body}</span>
      </button>
      {isOpen ? <LogDetails row={row} frame={frame} /> : null}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  line: css({
    display: 'flex',
    alignItems: 'flex-start',
    gap: theme.spacing(1),
    width: '100%',
    padding: theme.spacing(0.125, 0),
    border: 'none',
    background: 'none',
    color: theme.colors.text.primary,
    font: 'inherit',
    textAlign: 'left',
    '&:hover': { background: theme.colors.action.hover },
    [theme.breakpoints.down('sm')]: { flexWrap: 'wrap' },
  }),
  level: css({ alignSelf: 'stretch', flex: '0 0 3px', minHeight: 18 }),
  time: css({ flexShrink: 0, color: theme.colors.text.secondary }),
  body: css({ minWidth: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', userSelect: 'text' }),
});
