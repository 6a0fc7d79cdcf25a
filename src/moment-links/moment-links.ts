/**
 * Links from a point of a time series to the log lines and traces of its process or program at that time.
 *
 * A link in a frame of the proxy can only have a fixed range or that of the panel. So the browser makes the URL of Explore when a
 * point is chosen.
 */
import {
  type DataFrame,
  type DataLink,
  type DataLinkClickEvent,
  type DataQueryResponse,
  type Field,
} from '@grafana/data';
import { t } from '@grafana/i18n';
import { type DataSourceRef } from '@grafana/schema';
import { linesQuery } from '../../contract/linked-queries';
import { type MicromegasQueryFields } from '../../contract/query';
import { type SpanConditions } from '../../contract/query-types/traces';

/** Milliseconds before and after the point. */
const AROUND_MS = 5 * 60_000;

/** The time of the point in milliseconds since 1970. Explore does not know the first one. */
const TIMES = ['${__value.time}', '${__data.fields[0].numeric}'];

function momentOf({ replaceVariables }: Pick<DataLinkClickEvent, 'replaceVariables'>): number | undefined {
  const texts = TIMES.map((variable) => replaceVariables?.(variable) ?? '');
  return texts.flatMap((text) => (/^\d+(\.\d+)?$/.test(text) ? [Math.round(Number(text))] : []))[0];
}

function exploreUrl(query: MicromegasQueryFields, datasource: DataSourceRef, ms: number | undefined): string {
  const range =
    ms === undefined ? { from: 'now-1h', to: 'now' } : { from: String(ms - AROUND_MS), to: String(ms + AROUND_MS) };
  const queries = [{ refId: 'A', datasource, version: 2, ...query }];
  const panes = { moment: { datasource: datasource.uid, queries, range } };
  return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
}

function linkTo(title: string, query: MicromegasQueryFields, datasource: DataSourceRef): DataLink {
  return { title, url: '', targetBlank: true, onBuildUrl: (event) => exploreUrl(query, datasource, momentOf(event)) };
}

/** The links of a series. Undefined for a series without a process or program. */
function linksOf(labels: Field['labels'], datasource: DataSourceRef): DataLink[] | undefined {
  const key = ['process_id', 'exe'].find((name) => (labels?.[name] ?? '') !== '');
  if (key === undefined) {
    return undefined;
  }
  const value = labels?.[key] ?? '';
  const spans: SpanConditions = key === 'exe' ? { services: [value] } : { processId: value };
  return [
    linkTo(t('moment-links.logs', 'Logs around this time'), linesQuery([{ key, operator: '=', value }]), datasource),
    linkTo(
      t('moment-links.traces', 'Traces around this time'),
      { queryType: 'traces', traces: { view: 'search', ...spans } },
      datasource
    ),
  ];
}

function withLinks(field: Field, datasource: DataSourceRef): Field {
  const links = String(field.type) === 'number' ? linksOf(field.labels, datasource) : undefined;
  return links === undefined
    ? field
    : { ...field, config: { ...field.config, links: [...(field.config.links ?? []), ...links] } };
}

/** Adds the links to time series with the label `process_id` or `exe`. */
export function withMomentLinks(response: DataQueryResponse, datasource: DataSourceRef): DataQueryResponse {
  const data = response.data.map((frame: DataFrame) =>
    frame.meta?.type?.startsWith('timeseries') === true
      ? { ...frame, fields: frame.fields.map((field) => withLinks(field, datasource)) }
      : frame
  );
  return { ...response, data };
}
