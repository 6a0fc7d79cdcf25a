import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { IconButton, useStyles2 } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { AuditRow } from './AuditRow';
import { type AuditEntry } from '../../server/audit-route';

/** Maximum number of records on the page. */
const MAX_RECORDS = 50;

/** Subscribes to the audit log of the lakehouse. @returns Newest first. */
function useAudit(): AuditEntry[] {
  const [records, setRecords] = useState<AuditEntry[]>([]);
  useEffect(() => {
    const source = new EventSource('/api/playground/audit');
    source.onopen = () => setRecords([]);
    source.onmessage = (event: MessageEvent<string>) => {
      const record = JSON.parse(event.data) as AuditEntry;
      setRecords((known) => [record, ...known].slice(0, MAX_RECORDS));
    };
    return () => source.close();
  }, []);
  return records;
}

/** Number of records that are shown until the user opens the whole list. */
const SHORT_LIST = 2;

/** The audit log of the lakehouse: user, sign-in, purpose and outcome of each query. */
export function AuditStrip() {
  const styles = useStyles2(getStyles);
  const records = useAudit();
  const [isOpen, setOpen] = useState(false);
  return (
    <section aria-label="Audit of the lakehouse" className={styles.strip}>
      <div className={styles.title}>
        <span>Recorded by the lakehouse</span>
        <IconButton
          name={isOpen ? 'angle-down' : 'angle-up'}
          aria-label={isOpen ? 'Show fewer records' : 'Show more records'}
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      {records.length === 0 ? (
        <p className={styles.empty}>
          No records yet. The list shows each query, and each stage of Save & test that reaches the lakehouse.
        </p>
      ) : (
        <div className={styles.scroll} role="group" aria-label="Records" tabIndex={0}>
          <table className={styles.table}>
            <thead>
              <tr>
                {[
                  'Time',
                  'Sign-in',
                  'User',
                  'E-mail',
                  'Name',
                  'Service account',
                  'Client',
                  'Entry point',
                  'Status',
                  'Rows',
                  'SQL',
                ].map((name) => (
                  <th key={name}>{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {records.slice(0, isOpen ? undefined : SHORT_LIST).map((record) => (
                <AuditRow key={record.query_id} record={record} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  strip: css({
    flexShrink: 0,
    padding: theme.spacing(0.5, 2, 1),
    background: theme.colors.background.primary,
    borderTop: `1px solid ${theme.colors.border.medium}`,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  title: css({
    display: 'flex',
    justifyContent: 'space-between',
    fontWeight: theme.typography.fontWeightMedium,
    color: theme.colors.text.secondary,
  }),
  empty: css({ margin: 0, color: theme.colors.text.secondary }),
  scroll: css({ overflow: 'auto', maxHeight: '35vh' }),
  table: css({
    width: '100%',
    whiteSpace: 'nowrap',
    'th, td': { padding: theme.spacing(0.25, 2, 0.25, 0), textAlign: 'left' },
    th: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightMedium },
    'td:last-child': { maxWidth: 360, overflow: 'hidden', textOverflow: 'ellipsis' },
  }),
});
