/** Tells what to check in a query that was imported from another data source, until the user hides the notice. */
import { t, Trans } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import React from 'react';
import { type ImportNotice } from '../../../contract/queries/query';
import { type MicromegasQuery } from '../../shared/types';

interface Props {
  query: MicromegasQuery;
  onHide: () => void;
}

/** The notice of a saved query. Undefined for a value of another shape, which another tool may have saved. */
function noticeOf({ importNotice }: MicromegasQuery): ImportNotice | undefined {
  const kind: unknown = importNotice?.kind;
  return kind === 'sql' || kind === 'labels' || kind === 'expression' ? importNotice : undefined;
}

function describeChange(change: unknown): string | undefined {
  switch (change) {
    case 'ignores-case':
      return t(
        'import.change-case',
        'The original line filters |= and != were case-sensitive. The conditions "contains" and "does not contain" ignore case.'
      );
    case 'one-series':
      return t(
        'import.change-one-series',
        'There is one series for all processes, not one for each set of labels. Add groups if you need more.'
      );
    case 'over-time':
      return t(
        'import.change-over-time',
        'The original query returned the values of one point in time. The imported query returns those of the time range.'
      );
    default:
      return undefined;
  }
}

/** A message for each known entry of `changes`. */
function describeChanges(changes: unknown): string[] {
  return Array.isArray(changes) ? changes.map(describeChange).filter((change) => change !== undefined) : [];
}

function joinedList(items: unknown): string {
  return Array.isArray(items) ? items.map(String).join(', ') : '';
}

/** Shown below the SQL or the form. Renders nothing for queries that were not imported. */
export function ImportedNotice({ query, onHide }: Props) {
  const notice = noticeOf(query);
  if (notice === undefined) {
    return null;
  }
  const from = notice.from ?? '';
  const unescaped = { interpolation: { escapeValue: false } };
  const properties = joinedList(notice.asProperties);
  const lost = joinedList(notice.lost);
  return (
    <Alert
      severity="info"
      title={t('import.title', 'This query comes from another data source')}
      buttonContent={t('import.hide', 'Hide')}
      onRemove={onHide}
    >
      {notice.kind === 'sql' && (
        <p>
          {t(
            'import.sql',
            'The SQL is that of {{from}}, unchanged. Check the names of tables, functions and macros: Micromegas may not have them.',
            { from, ...unescaped }
          )}
        </p>
      )}
      {notice.kind === 'labels' && (
        <p>
          <Trans i18nKey="import.labels">
            The builder has the label matchers of the query as conditions. Line filters, parsers and functions are lost.
          </Trans>
        </p>
      )}
      {notice.kind === 'expression' && (
        <p>
          {t(
            'import.expression',
            'The builder has the parts of the query that Micromegas supports. The original query of {{from}}: {{expression}}',
            {
              from,
              expression: String(notice.expression ?? ''),
              ...unescaped,
            }
          )}
        </p>
      )}
      {describeChanges(notice.changes).map((change) => (
        <p key={change}>{change}</p>
      ))}
      {properties !== '' && (
        <p>
          {t('import.properties', 'These labels have no column and became conditions on properties: {{labels}}.', {
            labels: properties,
            ...unescaped,
          })}
        </p>
      )}
      {lost !== '' && <p>{t('import.lost', 'Parts that are lost: {{parts}}.', { parts: lost, ...unescaped })}</p>}
    </Alert>
  );
}
