/** Warns in the editor of an alert rule about what the rule will refuse. */
import { type PanelData } from '@grafana/data';
import { Alert } from '@grafana/ui';
import React from 'react';
import { type MicromegasQuery } from '../types';
import { alertWarnings } from './alert-warnings';

interface Props {
  query: MicromegasQuery;
  data: PanelData | undefined;
  /** Names of the dashboard's variables. Grafana knows them if the rule was made from a panel. */
  variables: readonly string[];
}

export function AlertWarnings({ query, data, variables }: Props) {
  const frames = (data?.series ?? []).filter(({ refId }) => refId === undefined || refId === query.refId);
  return (
    <>
      {alertWarnings(query, frames, variables).map((warning) => (
        <Alert key={warning} severity="warning" title={warning} bottomSpacing={0} />
      ))}
    </>
  );
}
