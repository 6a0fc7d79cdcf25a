/**
 * Opens when the author switches to the builder and the builder cannot read the SQL. Shows the SQL of the builder's
 * last state beside the edited SQL. The author chooses which SQL to keep.
 */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, ClipboardButton, Modal, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type UnreadReason } from './read-builder-sql';
import { diffRows } from './line-diff';

export interface EditedSqlProps {
  /** SQL of the builder's last state. Undefined if the query has no builder state. */
  builderSql: string | undefined;
  /** The author's SQL. */
  sql: string;
  /** The reason why the SQL was not read: the builder cannot express the SQL, or the parser returned no result. */
  reason: UnreadReason;
  onStay: () => void;
  /** Called when the author chooses the builder's SQL or, without `builderSql`, a new query. */
  onReturn: () => void;
}

/** Asks the author what to do with SQL that the builder cannot show. Closing the dialog keeps code mode. */
export function EditedSqlDialog({ builderSql, sql, reason, onStay, onReturn }: EditedSqlProps) {
  const styles = useStyles2(getStyles);
  return (
    <Modal
      title={t('builder.edited.title', 'The builder cannot show this SQL')}
      className={styles.dialog}
      isOpen
      onDismiss={onStay}
    >
      <p>
        <Reason reason={reason} />{' '}
        {builderSql === undefined ? (
          <Trans i18nKey="builder.edited.no-state">
            The builder has no version of this query. A new query in the builder replaces the SQL. Until the builder has
            SQL, Code shows your SQL again.
          </Trans>
        ) : (
          <Trans i18nKey="builder.edited.choose">
            You can keep your SQL in code mode, or return to the last version of the builder.
          </Trans>
        )}
      </p>
      {builderSql === undefined ? (
        <pre className={styles.sql}>{sql}</pre>
      ) : (
        <Difference builderSql={builderSql} sql={sql} />
      )}
      <Modal.ButtonRow
        leftItems={
          <ClipboardButton variant="secondary" icon="copy" type="button" getText={() => sql}>
            <Trans i18nKey="builder.edited.copy">Copy your SQL</Trans>
          </ClipboardButton>
        }
      >
        <Button variant="destructive" fill="outline" type="button" onClick={onReturn}>
          {builderSql === undefined
            ? t('builder.edited.new', 'Replace with a new query')
            : t('builder.edited.return', "Return to the builder's version")}
        </Button>
        <Button type="button" onClick={onStay} autoFocus>
          <Trans i18nKey="builder.edited.stay">Stay in code</Trans>
        </Button>
      </Modal.ButtonRow>
    </Modal>
  );
}

function Difference({ builderSql, sql }: { builderSql: string; sql: string }) {
  const styles = useStyles2(getStyles);
  const changed = t('builder.edited.changed', 'Changed');
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('builder.edited.difference', 'Difference')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('builder.edited.builder-version', "Builder's version")}</th>
            <th scope="col">{t('builder.edited.your-sql', 'Your SQL')}</th>
          </tr>
        </thead>
        <tbody>
          {diffRows(builderSql, sql).map(({ left, right, isChanged }, index) => (
            <tr key={index} title={isChanged ? changed : undefined} data-changed={isChanged}>
              <td className={isChanged && left !== undefined ? styles.removed : undefined}>{left}</td>
              <td className={isChanged && right !== undefined ? styles.added : undefined}>{right}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const mono = {
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap' as const,
    wordBreak: 'normal' as const,
    overflowWrap: 'anywhere' as const,
  };
  const marked = (mark: string, color: string) =>
    css({ '&&': { background: color, '&::before': { content: `"${mark} "` } } });
  return {
    dialog: css({ width: 900, maxWidth: '95vw' }),
    sql: css({ ...mono, maxHeight: '50vh', overflow: 'auto' }),
    scroll: css({ maxHeight: '50vh', overflow: 'auto', marginBottom: theme.spacing(1) }),
    table: css({
      width: '100%',
      tableLayout: 'fixed',
      '& th': { textAlign: 'left', padding: theme.spacing(0.5, 1) },
      '& td': { ...mono, verticalAlign: 'top', padding: theme.spacing(0.25, 1) },
    }),
    removed: marked('-', theme.colors.error.transparent),
    added: marked('+', theme.colors.success.transparent),
  };
};

function Reason({ reason }: Pick<EditedSqlProps, 'reason'>) {
  switch (reason) {
    case 'unreadable':
      return <Trans i18nKey="builder.edited.unreadable">The SQL has parts that the builder cannot express.</Trans>;
    case 'slow':
      return (
        <Trans i18nKey="builder.edited.slow">
          The SQL takes too long to read. Nest fewer function calls, CASE expressions and subqueries.
        </Trans>
      );
    case 'unavailable':
      return (
        <Trans i18nKey="builder.edited.no-parser">
          The browser could not load the parser that reads SQL. Close this dialog and try again. If it fails again, load
          the page again, or ask an administrator whether a content security policy blocks WebAssembly.
        </Trans>
      );
  }
}
