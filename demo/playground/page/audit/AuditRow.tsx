import { dateTimeFormat } from '@grafana/data';
import { Badge } from '@grafana/ui';
import React from 'react';
import { type AuditEntry } from '../../server/audit-route';

const SIGN_INS = { none: 'none', api_key: 'API key', oidc: 'OAuth' };
const COLORS = { ok: 'green', error: 'red', incomplete: 'orange' } as const;

/** One query in the audit log. */
export function AuditRow({ record }: { record: AuditEntry }) {
  return (
    <tr>
      <td>{dateTimeFormat(record.started_ms, { format: 'HH:mm:ss' })}</td>
      <td>{SIGN_INS[record.sign_in]}</td>
      <td>{record.user}</td>
      <td>{record.email}</td>
      <td>{record.name ?? '–'}</td>
      <td>{record.service_account ? (record.service_account_name ?? 'yes') : '–'}</td>
      <td>{record.client}</td>
      <td>{record.entrypoint}</td>
      <td>
        <Badge text={record.status} color={COLORS[record.status]} tooltip={record.error} />
      </td>
      <td>{record.output_rows ?? '–'}</td>
      <td title={record.sql}>{record.sql}</td>
    </tr>
  );
}
