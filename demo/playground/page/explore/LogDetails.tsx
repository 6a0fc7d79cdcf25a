import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { type LogRowModel } from './log-row-model';

/** Labels and other fields of a log line. */
export function LogDetails({ row }: { row: LogRowModel }) {
  const styles = useStyles2(getStyles);
  return (
    <table aria-label="Log details" className={styles.details}>
      <tbody>
        {[['level', row.level], ...row.details].map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  details: css({
    margin: theme.spacing(0.5, 0, 1, 4),
    background: theme.colors.background.secondary,
    'th, td': {
      padding: theme.spacing(0.25, 2, 0.25, 1),
      textAlign: 'left',
      verticalAlign: 'top',
      overflowWrap: 'anywhere',
    },
    th: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular, whiteSpace: 'nowrap' },
  }),
});
