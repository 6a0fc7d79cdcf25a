/** Follows the audit trail of the lakehouse. */
import { useEffect, useState } from 'react';
import { type AuditEntry } from '../../server/audit-route';

/** Largest number of records on the page. */
const KEPT = 50;

/** Newest first. */
export function useAudit(): AuditEntry[] {
  const [records, setRecords] = useState<AuditEntry[]>([]);
  useEffect(() => {
    const source = new EventSource('/api/playground/audit');
    source.onopen = () => setRecords([]);
    source.onmessage = (event: MessageEvent<string>) => {
      const record = JSON.parse(event.data) as AuditEntry;
      setRecords((known) => [record, ...known].slice(0, KEPT));
    };
    return () => source.close();
  }, []);
  return records;
}
