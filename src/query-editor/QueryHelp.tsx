/** Help inside the editor: what the formats need, macros, and queries to start from. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import React from 'react';
import { MACROS } from '../sql/macros';
import { EXAMPLES, type ExampleQuery } from './examples';
import { FORMATS } from './formats';

interface Props {
  onUse: (example: ExampleQuery) => void;
}

export function QueryHelp({ onUse }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <section className={styles.help} aria-label="Query help">
      <h6>Formats</h6>
      <ul className={styles.list}>
        {FORMATS.map(({ value, label, needs }) => (
          <li key={value}>
            <strong>{label}</strong>: {needs}
          </li>
        ))}
      </ul>
      <h6>Macros</h6>
      <table className={styles.table}>
        <tbody>
          {MACROS.map(({ name, args, description }) => (
            <tr key={name}>
              <td>
                <code>{args === undefined ? name : `${name}(${args})`}</code>
              </td>
              <td>{description}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h6>Examples</h6>
      {EXAMPLES.map((example) => (
        <div key={example.title} className={styles.example}>
          <div className={styles.exampleHead}>
            <span>
              {example.title} ({FORMATS.find(({ value }) => value === example.format)?.label})
            </span>
            <Button
              size="sm"
              variant="secondary"
              fill="outline"
              aria-label={`Use this query: ${example.title}`}
              onClick={() => onUse(example)}
            >
              Use this query
            </Button>
          </div>
          <pre className={styles.sql}>{example.sql}</pre>
        </div>
      ))}
      <p className={styles.hint}>
        Ctrl/Cmd+Enter runs the query, Ctrl+Space suggests, Ctrl+M (macOS: Ctrl+Shift+M) lets Tab leave the editor.
      </p>
    </section>
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
  sql: css({ margin: theme.spacing(0.5, 0, 0), whiteSpace: 'pre-wrap' }),
  hint: css({ color: theme.colors.text.secondary, margin: 0 }),
});
