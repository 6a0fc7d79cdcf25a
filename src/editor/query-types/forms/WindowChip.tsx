/** The time window to which a link has narrowed a query, with buttons that move and remove the window. */
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { IconButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { formatDuration } from '../durations';
import { movedWindow } from '../profile-parts';

interface Props {
  /** Nanoseconds since 1970. */
  beginNs: string | undefined;
  endNs: string | undefined;
  /**
   * Time zone in the format of Grafana's settings, such as `browser`, `utc` or an IANA name. Default: the user's time
   * zone.
   */
  timeZone?: string;
  /** Called with the window of the same length before or after this window. Default: the window cannot be moved. */
  onMove?: (moved: { beginNs: string; endNs: string }) => void;
  onRemove: () => void;
}

function formatTime(ns: string, timeZone: string | undefined): string {
  return dateTimeFormat(Number(BigInt(ns) / 1_000_000n), { defaultWithMS: true, timeZone });
}

/** The label of a time window: its start and its length. Without a start: `until …`. Without an end: `from …`. */
export function windowLabel(beginNs: string | undefined, endNs: string | undefined, timeZone?: string): string {
  if (beginNs === undefined || endNs === undefined) {
    const time = formatTime(beginNs ?? endNs ?? '0', timeZone);
    // Unescaped, because a regional format may have slashes.
    const interpolation = { escapeValue: false };
    return beginNs === undefined
      ? t('query-types.window.until', 'until {{time}}', { time, interpolation })
      : t('query-types.window.from', 'from {{time}}', { time, interpolation });
  }
  const microseconds = Number((BigInt(endNs) - BigInt(beginNs)) / 1000n);
  return `${formatTime(beginNs, timeZone)}, ${formatDuration(microseconds / 1000)}`;
}

/** Shown in the form while the query has a time window. A window without a start or an end cannot be moved. */
export function WindowChip({ beginNs, endNs, timeZone, onMove, onRemove }: Props) {
  const styles = useStyles2(getStyles);
  const earlier = movedWindow({ beginNs, endNs }, 'earlier');
  const later = movedWindow({ beginNs, endNs }, 'later');
  return (
    <span className={styles.chip}>
      {onMove && earlier && (
        <IconButton
          name="angle-left"
          size="sm"
          aria-label={t('query-types.window.earlier', 'Show the part before')}
          onClick={() => onMove(earlier)}
        />
      )}
      {windowLabel(beginNs, endNs, timeZone)}
      {onMove && later && (
        <IconButton
          name="angle-right"
          size="sm"
          aria-label={t('query-types.window.later', 'Show the part after')}
          onClick={() => onMove(later)}
        />
      )}
      <IconButton
        name="times"
        size="sm"
        aria-label={t('query-types.window.remove', 'Show the whole time range')}
        onClick={onRemove}
      />
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  chip: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    minHeight: theme.spacing(theme.components.height.md),
    padding: theme.spacing(0.25, 0.5, 0.25, 1),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.medium}`,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
