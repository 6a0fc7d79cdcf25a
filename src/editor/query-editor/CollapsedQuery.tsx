/** A query in one line, with a button that shows its editor. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import { Button, useStyles2 } from '@grafana/ui';
import React from 'react';

interface Props {
  summary: string;
  onEdit: () => void;
}

/** Shown in Explore, in place of the editor, for a query that comes from a link or the history. */
export function CollapsedQuery({ summary, onEdit }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <EditorRow>
      <div className={styles.row} role="group" aria-label={t('query.summary.label', 'Summary of the query')}>
        <span className={styles.summary} title={summary}>
          {summary}
        </span>
        <Button size="sm" variant="secondary" icon="pen" type="button" aria-expanded={false} onClick={onEdit}>
          <Trans i18nKey="query.summary.edit">Edit</Trans>
        </Button>
      </div>
    </EditorRow>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), width: '100%', minWidth: 0 }),
  // One line. The width is 0 so that a long summary does not widen the row.
  summary: css({
    ...theme.typography.bodySmall,
    width: 0,
    flexGrow: 1,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  }),
});
