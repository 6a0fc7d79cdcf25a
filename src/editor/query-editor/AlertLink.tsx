/** A link to Grafana's form for a new alert rule, filled in with the number of the query. */
import { t, Trans } from '@grafana/i18n';
import { LinkButton } from '@grafana/ui';
import { type DataQueryRequest, locationUtil } from '@grafana/data';
import React from 'react';
import { type MicromegasQuery } from '../../shared/types';
import { alertRuleUrl } from './alert-rule-url';
import { canCreateRules } from './load-alert-links';
import { queryOfRule, type RuleSource } from './query-of-rule';

interface Props {
  datasource: RuleSource;
  query: MicromegasQuery;
  /** The request of the result that is shown beside the editor. */
  request: DataQueryRequest | undefined;
}

/**
 * Shown in panels and in Explore. Renders nothing if the query is no time series of the builder with one number, or if
 * the viewer may not create rules. Grafana's own _New alert rule_ copies the time series instead.
 */
export function AlertLink(props: Props) {
  if (!canCreateRules()) {
    return null;
  }
  const { uid, type } = props.datasource;
  const url = alertRuleUrl(queryOfRule(props), { uid, type });
  return url === undefined ? null : (
    <LinkButton
      size="sm"
      variant="secondary"
      fill="text"
      icon="bell"
      href={locationUtil.assureBaseUrl(url)}
      target="_blank"
      tooltip={t(
        'alert.link.tooltip',
        "Opens Grafana's form for a new alert rule with one number for each series, its time range, a threshold and a pending period."
      )}
    >
      <Trans i18nKey="alert.link.label">Alert on this</Trans>
    </LinkButton>
  );
}
