/** Says what to check in a query that was made from one of another data source, until the user hides the notice. */
import { t, Trans } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import React from 'react';
import { type ImportNotice } from '../../contract/query';
import { type MicromegasQuery } from '../types';

interface Props {
  query: MicromegasQuery;
  onHide: () => void;
}

/** The notice of a saved query. Undefined for other values: any tool can write the model. */
function noticeOf({ importNotice }: MicromegasQuery): ImportNotice | undefined {
  return importNotice?.kind === 'sql' || importNotice?.kind === 'labels' ? importNotice : undefined;
}

function listText(items: unknown): string {
  return Array.isArray(items) ? items.map(String).join(', ') : '';
}

export function ImportedNotice({ query, onHide }: Props) {
  const notice = noticeOf(query);
  if (notice === undefined) {
    return null;
  }
  const from = notice.from ?? '';
  const unescaped = { interpolation: { escapeValue: false } };
  const properties = listText(notice.asProperties);
  const lost = listText(notice.lost);
  return (
    <Alert
      severity="info"
      title={t('import.title', 'This query comes from another data source')}
      buttonContent={t('import.hide', 'Hide')}
      onRemove={onHide}
    >
      {notice.kind === 'sql' ? (
        <p>
          {t(
            'import.sql',
            'The SQL is that of {{from}}, unchanged. Check the names of tables, functions and macros: Micromegas may not have them.',
            { from, ...unescaped }
          )}
        </p>
      ) : (
        <p>
          <Trans i18nKey="import.labels">
            The builder has the label matchers of the query as conditions. Line filters, parsers and functions are lost.
          </Trans>
        </p>
      )}
      {properties !== '' && (
        <p>
          {t('import.properties', 'Labels without a column, which became conditions on properties: {{labels}}.', {
            labels: properties,
            ...unescaped,
          })}
        </p>
      )}
      {lost !== '' && (
        <p>{t('import.lost', 'Label matchers that are lost: {{matchers}}.', { matchers: lost, ...unescaped })}</p>
      )}
    </Alert>
  );
}
