import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { formatDuration } from '../format-duration';
import { LinkButtons, linksOfRow } from '../RowLinks';
import { type Trace, type TracePair, type TraceSpan } from './trace-model';

interface Props {
  span: TraceSpan;
  trace: Trace;
  frame: DataFrame;
  onFocusSpan: (spanId: string) => void;
}

/** Links, warnings, tags, process, events, stack traces and references of a span. */
export function SpanDetails({ span, trace, frame, onFocusSpan }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <section className={styles.details} aria-label={`Span ${span.operation}`}>
      <div className={styles.buttons}>
        <LinkButtons links={linksOfRow(frame, span.row)} />
      </div>
      {[...span.warnings, ...(span.isOrphan ? ['The parent of this span is not part of the trace.'] : [])].map(
        (warning, index) => (
          <Alert key={index} severity="warning" title={warning} />
        )
      )}
      <Pairs title="Span" pairs={facts(span, trace)} />
      <Pairs title="Tags" pairs={span.tags} />
      <Pairs title="Process" pairs={span.serviceTags} />
      <Logs span={span} trace={trace} />
      {span.stackTraces.map((stack, index) => (
        <pre key={index}>{stack}</pre>
      ))}
      <References span={span} trace={trace} onFocusSpan={onFocusSpan} />
    </section>
  );
}

function facts(span: TraceSpan, trace: Trace): TracePair[] {
  const all = [
    ['span id', span.id],
    ['parent', span.parentId],
    ['start', `${formatDuration(span.startMs - trace.startMs)} after the start of the trace`],
    ['duration', formatDuration(span.durationMs)],
    ['kind', span.kind],
    ['status', [span.isError ? 'error' : '', span.statusMessage].filter((part) => part !== '').join(': ')],
    ['library', span.library],
    ['trace state', span.traceState],
  ];
  return all.filter(([, value]) => value !== '').map(([key, value]) => ({ key: key!, value: value! }));
}

function Pairs({ title, pairs }: { title: string; pairs: readonly TracePair[] }) {
  return pairs.length === 0 ? null : (
    <table>
      <caption>{title}</caption>
      <tbody>
        {pairs.map(({ key, value }, index) => (
          <Pair key={index} name={key}>
            {value}
          </Pair>
        ))}
      </tbody>
    </table>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  );
}

function Logs({ span, trace }: { span: TraceSpan; trace: Trace }) {
  return span.logs.length === 0 ? null : (
    <table>
      <caption>Events</caption>
      <tbody>
        {span.logs.map(({ name, timeMs, fields }, index) => (
          <Pair key={index} name={formatDuration(timeMs - trace.startMs)}>
            {[name, ...fields.map(({ key, value }) => `${key}=${value}`)].filter((part) => part !== '').join(' ')}
          </Pair>
        ))}
      </tbody>
    </table>
  );
}

function References({ span, trace, onFocusSpan }: Omit<Props, 'frame'>) {
  return span.references.length === 0 ? null : (
    <table>
      <caption>References</caption>
      <tbody>
        {span.references.map(({ traceId, spanId, tags }, index) => (
          <Pair key={index} name={tags.map(({ key, value }) => `${key}=${value}`).join(' ') || 'follows from'}>
            {trace.spans.some(({ id }) => id === spanId) ? (
              <Button size="sm" variant="secondary" onClick={() => onFocusSpan(spanId)}>
                {spanId}
              </Button>
            ) : (
              `${spanId} of trace ${traceId}`
            )}
          </Pair>
        ))}
      </tbody>
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  details: css({
    padding: theme.spacing(1, 2),
    background: theme.colors.background.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    caption: { captionSide: 'top', padding: 0, color: theme.colors.text.primary, fontWeight: 500, textAlign: 'left' },
    'th, td': { padding: theme.spacing(0.25, 2, 0.25, 1), verticalAlign: 'top', overflowWrap: 'anywhere' },
    th: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular, textAlign: 'left' },
    table: { marginBottom: theme.spacing(1) },
    pre: { fontSize: 'inherit', maxHeight: 240 },
  }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5), marginBottom: theme.spacing(0.5) }),
});
