/** The generated SQL, which is saved in the query. The section is collapsed until the user opens it. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { CollapseButton } from '../../shared/controls/CollapseButton';
import { useStoredFlag } from '../../shared/controls/use-stored-flag';

interface Props {
  sql: string;
  /** Shown while there is no SQL, even if the section is collapsed. */
  missing: string;
}

/**
 * Shown below the form of the builder. The browser remembers whether the section is open. All queries share this
 * choice.
 */
export function SqlPreview({ sql, missing }: Props) {
  const styles = useStyles2(getStyles);
  const [isOpen, setIsOpen] = useStoredFlag('generated-sql', false);
  return (
    <EditorRow>
      <div className={styles.header}>
        <CollapseButton isOpen={isOpen} onToggle={() => setIsOpen(!isOpen)}>
          <Trans i18nKey="builder.preview.label">Generated SQL</Trans>
        </CollapseButton>
        {!isOpen && sql === '' && <span className={styles.missing}>{missing}</span>}
        <ClipboardButton
          size="sm"
          variant="secondary"
          fill="text"
          icon="copy"
          type="button"
          disabled={sql === ''}
          getText={() => sql}
        >
          <Trans i18nKey="builder.preview.copy">Copy</Trans>
        </ClipboardButton>
      </div>
      {isOpen && (
        <pre className={styles.sql} tabIndex={0} aria-label={t('builder.preview.label', 'Generated SQL')}>
          {sql === '' ? missing : sql}
        </pre>
      )}
    </EditorRow>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  header: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: theme.spacing(0, 1),
    width: '100%',
  }),
  missing: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, flexGrow: 1 }),
  sql: css({
    width: '100%',
    margin: 0,
    maxHeight: 260,
    overflow: 'auto',
    whiteSpace: 'pre-wrap',
    wordBreak: 'normal',
    overflowWrap: 'anywhere',
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
