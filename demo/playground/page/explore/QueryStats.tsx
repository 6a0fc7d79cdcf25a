import { css } from '@emotion/css';
import {
  FieldType,
  formattedValueToString,
  getDisplayProcessor,
  type GrafanaTheme2,
  type QueryResultMetaStat,
} from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';

/** The statistics of a result with their units, like the tab Stats of Grafana's inspector. */
export function QueryStats({ stats }: { stats: readonly QueryResultMetaStat[] }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  return (
    <table aria-label="Statistics" className={styles.stats}>
      <tbody>
        {stats.map(({ value, ...config }) => {
          const display = getDisplayProcessor({ field: { type: FieldType.number, config }, theme });
          return (
            <tr key={config.displayName}>
              <th scope="row">{config.displayName}</th>
              <td>{formattedValueToString(display(value))}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  stats: css({
    width: '100%',
    marginBottom: theme.spacing(2),
    'th, td': { padding: theme.spacing(0.5, 1), borderBottom: `1px solid ${theme.colors.border.weak}` },
    th: { fontWeight: theme.typography.fontWeightRegular, textAlign: 'left' },
    td: { textAlign: 'right', whiteSpace: 'nowrap' },
  }),
});
