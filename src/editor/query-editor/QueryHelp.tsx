/** The help of the editor: formats, macros and example queries. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { MACROS, macroUsage } from '../../../contract/sql/macros';
import { docsUrl } from '../../shared/docs-links';
import { type ExampleQuery, examples } from './examples';
import { formats } from '../model/query-options';

interface Props {
  onUse: (example: ExampleQuery) => void;
}

/** Shown in the editor and in Grafana's help. @param onUse Called with the example whose button was pressed. */
export function QueryHelp({ onUse }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <section className={styles.help} aria-label={t('query.help.region', 'Query help')}>
      <h6>
        <Trans i18nKey="query.help.formats">Formats</Trans>
      </h6>
      <ul className={styles.list}>
        {formats().map(({ value, label, needs }) => (
          <li key={value}>
            <strong>{label}</strong>: {needs}
          </li>
        ))}
      </ul>
      <h6>
        <Trans i18nKey="query.help.macros">Macros</Trans>
      </h6>
      <table className={styles.table}>
        <tbody>
          {MACROS.map((macro) => (
            <tr key={macro.name}>
              <td>
                <code>{macroUsage(macro)}</code>
              </td>
              <td>{macro.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h6>
        <Trans i18nKey="query.help.examples">Examples</Trans>
      </h6>
      {examples().map((example) => (
        <Example key={example.title} example={example} onUse={onUse} />
      ))}
      <p className={styles.hint}>
        <Trans i18nKey="query.help.keys">
          Ctrl/Cmd+Enter runs the query. Ctrl+Space opens completion. After Ctrl+M (macOS: Ctrl+Shift+M), Tab leaves the
          editor.
        </Trans>{' '}
        <TextLink href={docsUrl('user/sql')} external inline variant="bodySmall">
          {t('query.help.docs', 'Documentation of queries')}
        </TextLink>
      </p>
    </section>
  );
}

function Example({ example, onUse }: Props & { example: ExampleQuery }) {
  const styles = useStyles2(getStyles);
  const { title, sql } = example;
  const format = formats().find(({ value }) => value === example.format)?.label;
  return (
    <div className={styles.example}>
      <div className={styles.exampleHead}>
        <span>
          {title} ({format})
        </span>
        <Button
          size="sm"
          variant="secondary"
          fill="outline"
          aria-label={t('query.help.use-named', 'Use this query: {{title}}', {
            title,
            interpolation: { escapeValue: false },
          })}
          onClick={() => onUse(example)}
        >
          <Trans i18nKey="query.help.use">Use this query</Trans>
        </Button>
      </div>
      <pre className={styles.sql}>{sql}</pre>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  help: css({
    padding: theme.spacing(2),
    marginTop: theme.spacing(1),
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    overflowX: 'auto',
  }),
  list: css({ margin: theme.spacing(0, 0, 2, 2) }),
  table: css({
    marginBottom: theme.spacing(2),
    '& td': { padding: theme.spacing(0.25, 2, 0.25, 0), verticalAlign: 'top' },
    [theme.breakpoints.down('sm')]: { '& td': { display: 'block' } },
  }),
  example: css({ marginBottom: theme.spacing(1.5) }),
  exampleHead: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    justifyContent: 'space-between',
    alignItems: 'center',
  }),
  sql: css({ margin: theme.spacing(0.5, 0, 0), whiteSpace: 'pre-wrap', wordBreak: 'normal' }),
  hint: css({ color: theme.colors.text.secondary, margin: 0 }),
});
