import { css } from '@emotion/css';
import { type DataFrame, dateTime, dateTimeFormat, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Alert, Button, PanelChrome, useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { formatDuration } from '../format-duration';
import { useViewsData } from '../use-views-data';
import { SpanRow } from './SpanRow';
import { readTrace, type Trace } from './trace-model';

/** Number of rows that are rendered at first. Thousands of rows would make the page slow. */
const PAGE_ROWS = 200;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** The time range for the links of a span: the time of the span in whole milliseconds, as in Grafana. */
function spanRange({ fields }: DataFrame): (row: number) => TimeRange {
  const values = (name: string) => fields.find((field) => field.name === name)?.values ?? [];
  const [starts, durations] = [values('startTime'), values('duration')];
  return (row) => {
    const start = Math.floor(Number(starts[row]));
    const end = Math.floor(Number(starts[row]) + Number(durations[row]));
    const [from, to] = [dateTime(start), dateTime(end === start ? end + 1 : end)];
    return { from, to, raw: { from, to } };
  };
}

/** A trace as a waterfall: one row for each span, with its bar on the time axis of the trace. */
export function TraceView({ frame }: { frame: DataFrame }) {
  const [data] = useViewsData(
    useMemo(() => [frame], [frame]),
    useMemo(() => spanRange(frame), [frame])
  );
  const trace = useMemo(() => readTrace(frame), [frame]);
  return (
    <PanelChrome title="Trace">
      {trace ? (
        <Waterfall key={trace.id} trace={trace} frame={data!} />
      ) : (
        <Alert severity="warning" title="No trace found: the frame lacks required fields, or a span has no id." />
      )}
    </PanelChrome>
  );
}

function Waterfall({ trace, frame }: { trace: Trace; frame: DataFrame }) {
  const styles = useStyles2(getStyles);
  const { visualization } = useTheme2();
  const [shown, setShown] = useState(PAGE_ROWS);
  const [focused, setFocused] = useState<string>();
  const colors = useMemo(
    () =>
      new Map(
        trace.services.map((service, index) => [
          service,
          visualization.getColorByName(visualization.palette[index % visualization.palette.length]!),
        ])
      ),
    [trace, visualization]
  );
  const focus = (spanId: string) => {
    const index = trace.spans.findIndex(({ id }) => id === spanId);
    setShown((count) => Math.max(count, index + 1));
    setFocused(spanId);
  };
  return (
    <div data-testid="trace" data-spans={trace.spans.length}>
      <Summary trace={trace} />
      <div className={styles.axis} aria-hidden>
        <span className={styles.axisName}>Service and operation</span>
        <div className={styles.ticks}>
          {TICKS.map((share) => (
            <span key={share} className={styles.tick} style={{ left: `${share * 100}%` }}>
              {formatDuration(trace.durationMs * share)}
            </span>
          ))}
        </div>
      </div>
      <div role="list" aria-label="Spans">
        {trace.spans.slice(0, shown).map((span) => (
          <SpanRow
            key={span.id}
            span={span}
            trace={trace}
            frame={frame}
            color={colors.get(span.service) ?? ''}
            isFocused={span.id === focused}
            onFocusSpan={focus}
          />
        ))}
      </div>
      {trace.spans.length > shown ? (
        <Button variant="secondary" fill="text" onClick={() => setShown(shown + PAGE_ROWS)}>
          Show more spans
        </Button>
      ) : null}
    </div>
  );
}

function Summary({ trace }: { trace: Trace }) {
  const styles = useStyles2(getStyles);
  const [root] = trace.spans;
  const facts = [
    ['Trace', trace.id],
    ['Start', dateTimeFormat(trace.startMs, { format: 'YYYY-MM-DD HH:mm:ss.SSS' })],
    ['Duration', formatDuration(trace.durationMs)],
    ['Services', trace.services.length],
    ['Depth', trace.depth],
    ['Spans', trace.spans.length],
    ['Errors', trace.spans.filter(({ isError }) => isError).length],
  ];
  return (
    <div className={styles.summary}>
      {root ? (
        <h4 className={styles.root}>
          {root.service}: {root.operation}
        </h4>
      ) : null}
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  summary: css({ marginBottom: theme.spacing(1) }),
  root: css({ margin: 0, overflowWrap: 'anywhere' }),
  facts: css({
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: theme.spacing(2),
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    '& > div': { display: 'flex', gap: theme.spacing(0.5) },
    dt: { fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    dd: { margin: 0, overflowWrap: 'anywhere' },
  }),
  axis: css({
    display: 'flex',
    padding: theme.spacing(0.5, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  axisName: css({ flex: '0 0 40%', overflow: 'hidden', whiteSpace: 'nowrap', textOverflow: 'ellipsis' }),
  ticks: css({ position: 'relative', flex: 1, height: '1.5em' }),
  tick: css({
    position: 'absolute',
    transform: 'translateX(-50%)',
    whiteSpace: 'nowrap',
    '&:first-child': { transform: 'none' },
    '&:last-child': { transform: 'translateX(-100%)' },
    [theme.breakpoints.down('sm')]: { '&:nth-child(even)': { display: 'none' } },
  }),
});
