/** Whom the server's audit trail names for a query of the person who looks at this page. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Spinner, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type RecordedIdentity, type WhoAmI } from '../../../contract/health';
import { Subsection } from '../fields/SettingField';
import { Mark } from './Mark';
import { type AuditRecord, useAuditRecord } from './use-audit-record';

const ROWS: ReadonlyArray<readonly [keyof RecordedIdentity, string]> = [
  ['user', 'User'],
  ['email', 'E-mail'],
  ['name', 'Name'],
  ['serviceAccount', 'Service account'],
  ['client', 'Client'],
];

const BY_RULES = "By the server's rules.";

/** Where the values of the table come from. */
function originText(record: AuditRecord): string {
  switch (record.status) {
    case 'found':
      return "Read back from the server's audit log, where the test query was recorded.";
    case 'waiting':
      return `${BY_RULES} The server's record of the test query, which proves them, takes some seconds.`;
    case 'missing':
      return record.hasRecords
        ? `${BY_RULES} The record of the test query did not appear in the audit log within a minute, so this is not proven. The server may send its telemetry less often.`
        : `${BY_RULES} log_entries has no audit records of the last hour, so this is not proven. The server may not send its telemetry to itself.`;
    case 'unreadable':
      return `${BY_RULES} The audit log could not be read, so this is not proven: ${record.message}`;
    case 'none':
      return `${BY_RULES} Its audit log was not read, so this is not proven.`;
  }
}

/** @param byRules Whom the server records by its rules, until its audit log proves it. */
export function WhoAmITable({ uid, byRules }: { uid: string; byRules: WhoAmI }) {
  const styles = useStyles2(getStyles);
  const record = useAuditRecord(uid, byRules.checkId);
  const { isAttributionOn, recorded, otherwise } = record.status === 'found' ? record.whoAmI : byRules;
  const warnings = record.status === 'found' ? record.warnings : [];
  return (
    <Subsection title="Who you are to Micromegas" description={originText(record)}>
      <div className={styles.state} data-testid="audit record" data-status={record.status}>
        {record.status === 'waiting' && (
          <div className={styles.line}>
            <Spinner inline /> Waiting for the server&apos;s audit record…
          </div>
        )}
        {warnings.map((warning) => (
          <div key={warning} className={styles.line}>
            <Mark status="warning" /> <span>{warning}</span>
          </div>
        ))}
      </div>
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
  state: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  line: css({ display: 'flex', gap: theme.spacing(1), marginBottom: theme.spacing(1), overflowWrap: 'anywhere' }),
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
