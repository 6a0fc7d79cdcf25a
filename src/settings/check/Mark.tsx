/** The icon of a status, with a label for screen readers. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import React from 'react';

export type MarkStatus = 'ok' | 'warning' | 'failed';

const ICONS = { ok: 'check-circle', warning: 'exclamation-triangle', failed: 'exclamation-circle' } as const;

function labelOf(status: MarkStatus): string {
  switch (status) {
    case 'ok':
      return t('config.check.mark-ok', 'OK');
    case 'warning':
      return t('config.check.mark-warning', 'Warning');
    case 'failed':
      return t('config.check.mark-failed', 'Failed');
  }
}

/** Shown in front of each result of the check: the summary, stages, rules for tokens, and warnings. */
export function Mark({ status }: { status: MarkStatus }) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles[status]} role="img" aria-label={labelOf(status)}>
      <Icon name={ICONS[status]} size="md" aria-hidden />
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ok: css({ color: theme.colors.success.text, lineHeight: 1 }),
  warning: css({ color: theme.colors.warning.text, lineHeight: 1 }),
  failed: css({ color: theme.colors.error.text, lineHeight: 1 }),
});
