/** Adds the link _Alert on this_ to the points of time series. */
import { type DataFrame, type DataLink, type DataLinkClickEvent, type DataQueryResponse } from '@grafana/data';
import { t } from '@grafana/i18n';
import { isTimeSeries } from '../../shared/time-series';
import { StringMap } from '../../../contract/string-map';
import { type MicromegasQuery } from '../../shared/types';
import { alertRuleUrl } from './alert-rule-url';
import { queryOfRule, type RuleSource } from './query-of-rule';

/** What a rule takes from the request of a panel. */
export type ShownRequest = NonNullable<Parameters<typeof queryOfRule>[0]['request']> & { targets: MicromegasQuery[] };

/** The value of the chosen point. Undefined in Explore, which does not replace this variable. */
function valueOf({ replaceVariables }: Pick<DataLinkClickEvent, 'replaceVariables'>): number | undefined {
  const value = Number.parseFloat(replaceVariables?.('${__value.numeric}') ?? '');
  return Number.isFinite(value) ? value : undefined;
}

/** The link for the points of a query. Undefined if the query is no time series of the builder with one number. */
function alertLink(query: MicromegasQuery, datasource: RuleSource, request: ShownRequest): DataLink | undefined {
  const { uid, type } = datasource;
  const kept = queryOfRule({ datasource, query, request });
  const urlAbove = (value?: number) => alertRuleUrl(kept, { uid, type }, value);
  const url = urlAbove();
  return url === undefined
    ? undefined
    : {
        title: t('alert.link.label', 'Alert on this'),
        url,
        targetBlank: true,
        onBuildUrl: (event: Pick<DataLinkClickEvent, 'replaceVariables'>) => urlAbove(valueOf(event)) ?? url,
      };
}

/**
 * The response with the link in each column of numbers. All columns of a query share the link, because the rule alerts
 * on each series of the query.
 */
export function withAlertLinks(
  response: DataQueryResponse,
  datasource: RuleSource,
  request: ShownRequest
): DataQueryResponse {
  const links = new StringMap(request.targets.map((query) => [query.refId, alertLink(query, datasource, request)]));
  const linked = (frame: DataFrame): DataFrame => {
    const link = isTimeSeries(frame) ? links.get(frame.refId ?? '') : undefined;
    return link === undefined
      ? frame
      : {
          ...frame,
          fields: frame.fields.map((field) =>
            String(field.type) === 'number'
              ? { ...field, config: { ...field.config, links: [...(field.config.links ?? []), link] } }
              : field
          ),
        };
  };
  return { ...response, data: response.data.map(linked) };
}
