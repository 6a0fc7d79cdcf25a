/** The mark before a line: a picture for the eye, a word for screen readers. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import React from 'react';

export type MarkStatus = 'ok' | 'warning' | 'failed';

const MARKS = {
  ok: { icon: 'check-circle', word: 'OK' },
  warning: { icon: 'exclamation-triangle', word: 'Warning' },
  failed: { icon: 'exclamation-circle', word: 'Failed' },
} as const;

export function Mark({ status }: { status: MarkStatus }) {
  const styles = useStyles2(getStyles);
  const { icon, word } = MARKS[status];
  return (
    <span className={styles[status]} role="img" aria-label={word}>
      <Icon name={icon} size="md" aria-hidden />
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ok: css({ color: theme.colors.success.text, lineHeight: 1 }),
  warning: css({ color: theme.colors.warning.text, lineHeight: 1 }),
  failed: css({ color: theme.colors.error.text, lineHeight: 1 }),
});
