/**
 * Groups of the labels of a log line, for the headings in its details. Frames of log lines contain a description of
 * their labels, see `LabelSources`.
 */
import { type DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type LabelSources } from '../../../contract/logs/log-frame';

function listOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

/** The heading of a label. Null for a frame that does not describe its labels. */
export function labelGroup(label: string, frame: DataFrame | undefined): string | null {
  const sources: unknown = frame?.meta?.custom?.labels;
  if (sources === null || typeof sources !== 'object') {
    return null;
  }
  const { columns, processPrefixes }: Partial<Record<keyof LabelSources, unknown>> = sources;
  if (listOf(columns).includes(label)) {
    return t('log-details.columns', 'Columns');
  }
  return listOf(processPrefixes).some((prefix) => typeof prefix === 'string' && label.startsWith(prefix))
    ? t('log-details.process-properties', 'Process properties')
    : t('log-details.properties', 'Properties');
}
