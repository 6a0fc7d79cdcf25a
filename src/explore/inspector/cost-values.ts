import { formattedValueToString, getValueFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type QueryCost } from '../../../contract/resources/query-costs';

interface CostValue {
  label: string;
  value: string;
}

function shown(value: number | undefined, unit: 'bytes' | 'ms' | 'locale'): string | undefined {
  return value === undefined ? undefined : formattedValueToString(getValueFormat(unit)(value));
}

/** Time from the start of the result to the end of the statement. */
function readingMs({ totalMs, setupMs }: QueryCost): number | undefined {
  return totalMs === undefined || setupMs === undefined ? undefined : Math.max(0, totalMs - setupMs);
}

function statusLabel({ status }: QueryCost): string {
  switch (status) {
    case 'ok':
      return t('inspector.status.ok', 'Complete');
    case 'error':
      return t('inspector.status.error', 'Failed');
    case 'incomplete':
      return t('inspector.status.incomplete', 'Cancelled, or not read to the end');
    default:
      return status;
  }
}

/** The recorded values of a statement. Values that the server did not record are omitted. */
export function costValues(cost: QueryCost): CostValue[] {
  const values: Array<[label: string, value: string | undefined]> = [
    [t('inspector.result', 'Result'), statusLabel(cost)],
    [t('inspector.error', 'Error'), cost.error],
    [t('inspector.rows', 'Rows'), shown(cost.rows, 'locale')],
    [t('inspector.bytes-scanned', 'Bytes scanned'), shown(cost.bytesScanned, 'bytes')],
    [t('inspector.peak-memory', 'Peak memory'), shown(cost.peakMemoryBytes, 'bytes')],
    [t('inspector.spilled', 'Spilled to disk'), shown(cost.spilledBytes, 'bytes')],
    [t('inspector.total', 'Time'), shown(cost.totalMs, 'ms')],
    [t('inspector.context', 'Time of the session setup'), shown(cost.contextInitMs, 'ms')],
    [t('inspector.planning', 'Time of planning'), shown(cost.planningMs, 'ms')],
    [t('inspector.execution', 'Time to start the result'), shown(cost.executionMs, 'ms')],
    [t('inspector.reading', 'Time of reading and sending rows'), shown(readingMs(cost), 'ms')],
  ];
  return values.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]));
}
