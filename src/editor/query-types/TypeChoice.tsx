/** The choice of the type of a query, at the top of its editor. */
import { t } from '@grafana/i18n';
import { RadioButtonGroup } from '@grafana/ui';
import React from 'react';
import { type QueryType, queryTypes } from './view-types';

interface Props {
  type: QueryType;
  onType: (type: QueryType) => void;
}

/** Shown in panels and Explore, and in an alert rule whose query is not SQL. */
export function TypeChoice({ type, onType }: Props) {
  return (
    <RadioButtonGroup<QueryType>
      size="sm"
      aria-label={t('query-types.label', 'Query type')}
      options={queryTypes()}
      value={type}
      onChange={onType}
    />
  );
}
