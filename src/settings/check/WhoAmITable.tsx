/** The identity that the server's audit trail records when the user of this page runs a query. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Spinner, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type RecordedIdentity, type WhoAmI } from '../../../contract/resources/health';
import { translateMessage } from '../../shared/translate-message';
import { TEST_IDS } from '../../shared/test-ids';
import { Subsection } from '../fields/SettingField';
import { Mark } from './Mark';
import { type AuditRecord, useAuditRecord } from './use-audit-record';

function rows(): ReadonlyArray<readonly [keyof RecordedIdentity, string]> {
  return [
    ['user', t('config.check.identity-user', 'User')],
    ['email', t('config.check.identity-email', 'E-mail')],
    ['name', t('config.check.identity-name', 'Name')],
    ['serviceAccount', t('config.check.identity-service-account', 'Service account')],
    ['client', t('config.check.identity-client', 'Client')],
  ];
}

/** The source of the values of the table. */
function originLabel(record: AuditRecord): string {
  const byRules = t('config.check.by-rules', "These values follow from the server's rules.");
  switch (record.status) {
    case 'found':
      return t('config.check.record-found', "Read from the server's audit trail, where the test query was recorded.");
    case 'waiting':
      return `${byRules} ${t('config.check.record-waiting', "The server's record of the test query, which proves the values, appears after some seconds.")}`;
    case 'missing':
      return `${byRules} ${
        record.hasRecords
          ? t(
              'config.check.record-late',
              'The record of the test query did not appear in the audit trail within a minute, so the values are not proven. The server may send its telemetry less often than that.'
            )
          : t(
              'config.check.no-records',
              'log_entries has no audit records of the last hour, so the values are not proven. Perhaps the server does not send its telemetry to itself.'
            )
      }`;
    case 'unreadable':
      return `${byRules} ${t('config.check.record-unreadable', 'The audit trail could not be read, so the values are not proven:')} ${record.message}`;
    case 'none':
      return `${byRules} ${t('config.check.record-not-read', 'The audit trail was not read, so the values are not proven.')}`;
  }
}

/**
 * Titles of the columns: the identity with attribution as saved, and with the opposite setting. @param isOn True if
 * attribution is saved as on.
 */
function columnTitles(isOn: boolean): [saved: string, other: string] {
  return isOn
    ? [
        t('config.check.attribution-on-saved', 'Attribution on, as saved'),
        t('config.check.attribution-off', 'Attribution off'),
      ]
    : [
        t('config.check.attribution-off-saved', 'Attribution off, as saved'),
        t('config.check.attribution-on', 'Attribution on'),
      ];
}

/** @param byRules The identity by the server's rules, shown until the audit record was read. */
export function WhoAmITable({ uid, byRules }: { uid: string; byRules: WhoAmI }) {
  const styles = useStyles2(getStyles);
  const record = useAuditRecord(uid, byRules.checkId);
  const { isAttributionOn, recorded, otherwise } = record.status === 'found' ? record.whoAmI : byRules;
  const warnings = record.status === 'found' ? record.warnings.map((warning) => translateMessage(warning)) : [];
  const [savedTitle, otherTitle] = columnTitles(isAttributionOn);
  return (
    <Subsection title={t('config.check.identity-title', 'Who you are to Micromegas')} description={originLabel(record)}>
      <div className={styles.state} data-testid={TEST_IDS.auditRecord} data-status={record.status}>
        {record.status === 'waiting' && (
          <div className={styles.line}>
            <Spinner inline />{' '}
            <Trans i18nKey="config.check.record-spinner">Waiting for the server&apos;s audit record…</Trans>
          </div>
        )}
        {warnings.map((warning) => (
          <div key={warning} className={styles.line}>
            <Mark status="warning" /> <span>{warning}</span>
          </div>
        ))}
      </div>
      <table className={styles.table} aria-label={t('config.check.identity-table', 'Recorded identity')}>
        <thead>
          <tr>
            <td />
            <th scope="col">{savedTitle}</th>
            <th scope="col">{otherTitle}</th>
          </tr>
        </thead>
        <tbody>
          {rows()
            .filter(([key]) => recorded[key] || otherwise[key])
            .map(([key, label]) => (
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
  return <span aria-label={t('config.check.not-recorded', 'not recorded')}>–</span>;
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
