/** Whom the server's audit trail names for a query of the person who looks at this page. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { type RecordedIdentity, type WhoAmI } from '../../../contract/health';
import { Subsection } from '../fields/Subsection';

const ROWS: ReadonlyArray<readonly [keyof RecordedIdentity, string]> = [
  ['user', 'User'],
  ['email', 'E-mail'],
  ['name', 'Name'],
  ['serviceAccount', 'Service account'],
  ['client', 'Client'],
];

export function WhoAmITable({ whoAmI }: { whoAmI: WhoAmI }) {
  const styles = useStyles2(getStyles);
  const { isAttributionOn, recorded, otherwise, isProven } = whoAmI;
  return (
    <Subsection
      title="Who you are to Micromegas"
      description={
        isProven
          ? "Read back from the server's audit log, where the test query was recorded."
          : "By the server's rules. Its audit log was not read, so this is not proven."
      }
    >
      <table className={styles.table} aria-label="Recorded identity">
        <thead>
          <tr>
            <td />
            <th scope="col">Attribution {isAttributionOn ? 'on' : 'off'}, as saved</th>
            <th scope="col">Attribution {isAttributionOn ? 'off' : 'on'}</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.filter(([key]) => recorded[key] || otherwise[key]).map(([key, label]) => (
            <tr key={key}>
              <th scope="row">{label}</th>
              <td>{recorded[key] ?? <Nothing />}</td>
              <td className={styles.otherwise}>{otherwise[key] ?? <Nothing />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Subsection>
  );
}

function Nothing() {
  return <span aria-label="not recorded">–</span>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    maxWidth: 720,
    tableLayout: 'fixed',
    borderCollapse: 'collapse',
    fontSize: theme.typography.bodySmall.fontSize,
    'th, td': {
      padding: theme.spacing(0.5, 1, 0.5, 0),
      textAlign: 'left',
      verticalAlign: 'top',
      overflowWrap: 'anywhere',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    th: { fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    'tr > :first-child': { width: '24%' },
  }),
  otherwise: css({ color: theme.colors.text.secondary }),
});
