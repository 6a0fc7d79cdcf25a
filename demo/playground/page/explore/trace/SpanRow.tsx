import { css, cx } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import React, { type CSSProperties, useEffect, useRef, useState } from 'react';
import { formatDuration } from '../format-duration';
import { SpanDetails } from './SpanDetails';
import { type Trace, type TraceSpan } from './trace-model';

/** Maximum depth of the indentation. */
const MAX_INDENTED_DEPTH = 15;
const INDENT_PX = 10;
/** If a bar ends before this fraction of the axis, the label with its duration fits on the right. */
const ROOM_AFTER = 0.85;
/** If a bar begins after this fraction of the axis, the label with its duration fits on the left. */
const ROOM_BEFORE = 0.3;

interface Props {
  span: TraceSpan;
  trace: Trace;
  /** The fields, with links. */
  frame: DataFrame;
  color: string;
  /** True if the user followed a reference to this span. */
  isFocused: boolean;
  onFocusSpan: (spanId: string) => void;
}

/** One span. A click shows its details. */
export function SpanRow({ span, trace, frame, color, isFocused, onFocusSpan }: Props) {
  const styles = useStyles2(getStyles);
  const [isOpen, setOpen] = useState(false);
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFocused) {
      row.current?.scrollIntoView({ block: 'center' });
    }
  }, [isFocused]);
  const hasWarnings = span.warnings.length > 0 || span.isOrphan;
  return (
    <div ref={row} role="listitem" data-error={span.isError} className={cx(isFocused && styles.focused)}>
      <button type="button" className={styles.row} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span
          className={styles.name}
          style={{ paddingLeft: Math.min(span.depth, MAX_INDENTED_DEPTH) * INDENT_PX, borderLeftColor: color }}
        >
          <Icon name={isOpen ? 'angle-down' : 'angle-right'} />
          {span.isError ? <Icon name="exclamation-circle" className={styles.error} title="Error" /> : null}
          {hasWarnings ? <Icon name="exclamation-triangle" className={styles.warning} title="Warning" /> : null}
          <span className={styles.label}>
            <strong>{span.service}</strong> {span.operation}
          </span>
        </span>
        <Bar span={span} trace={trace} color={color} />
      </button>
      {isOpen ? <SpanDetails span={span} trace={trace} frame={frame} onFocusSpan={onFocusSpan} /> : null}
    </div>
  );
}

/** The label is at the first place with room for it: after the bar, before the bar, or over the end of the bar. */
function labelPlace(start: number, end: number): CSSProperties {
  if (end < ROOM_AFTER) {
    return { left: `calc(${end * 100}% + 4px)` };
  }
  return { right: `${(1 - (start > ROOM_BEFORE ? start : end)) * 100}%` };
}

function Bar({ span, trace, color }: { span: TraceSpan; trace: Trace; color: string }) {
  const styles = useStyles2(getStyles);
  const shareOf = (ms: number) => (trace.durationMs > 0 ? ms / trace.durationMs : 0);
  const start = shareOf(span.startMs - trace.startMs);
  const width = shareOf(span.durationMs);
  return (
    <span className={styles.track}>
      <span className={styles.bar} style={{ left: `${start * 100}%`, width: `${width * 100}%`, background: color }} />
      {span.logs.map(({ timeMs }, index) => (
        <span key={index} className={styles.log} style={{ left: `${shareOf(timeMs - trace.startMs) * 100}%` }} />
      ))}
      <span className={styles.duration} style={labelPlace(start, start + width)}>
        {formatDuration(span.durationMs)}
      </span>
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  focused: css({ outline: `2px solid ${theme.colors.primary.border}` }),
  row: css({
    display: 'flex',
    width: '100%',
    padding: 0,
    border: 'none',
    background: 'none',
    color: theme.colors.text.primary,
    fontSize: theme.typography.bodySmall.fontSize,
    textAlign: 'left',
    '&:hover': { background: theme.colors.action.hover },
  }),
  name: css({
    display: 'flex',
    flex: '0 0 40%',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    minWidth: 0,
    height: 24,
    borderLeft: '3px solid',
  }),
  label: css({ overflow: 'hidden', whiteSpace: 'nowrap', textOverflow: 'ellipsis' }),
  error: css({ color: theme.colors.error.text, flexShrink: 0 }),
  warning: css({ color: theme.colors.warning.text, flexShrink: 0 }),
  track: css({
    position: 'relative',
    flex: 1,
    height: 24,
    borderLeft: `1px solid ${theme.colors.border.weak}`,
    overflow: 'hidden',
  }),
  bar: css({ position: 'absolute', top: 7, height: 10, minWidth: 2, borderRadius: 2 }),
  log: css({ position: 'absolute', top: 5, width: 1, height: 14, background: theme.colors.text.primary }),
  duration: css({
    position: 'absolute',
    top: 3,
    padding: theme.spacing(0, 0.5),
    whiteSpace: 'nowrap',
    color: theme.colors.text.primary,
    borderRadius: 2,
    background: theme.colors.background.primary,
    opacity: 0.9,
  }),
});
