/**
 * Links from a point of a time series to what happened at that time: what changed, and the log lines, traces and flame
 * graph of the process or program of the series. If it is unknown which processes of a program have a flame graph, a
 * link to the list of the program's processes replaces the link to the flame graph.
 *
 * A link in a frame of the backend can have only a fixed range or the range of the panel. So the browser makes the URL
 * of Explore when a point is chosen. Each link also has a fixed URL for the range of the request, because a snapshot of
 * a dashboard has no functions.
 */
import { type DataFrame, type DataLink, type DataLinkClickEvent, type Field } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type DataSourceRef } from '@grafana/schema';
import { logLinesQuery, whatChangedQuery } from '../../../contract/queries/linked-queries';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type SpanConditions } from '../../../contract/query-types/traces';
import { type LookupRange } from '../../../contract/resources/lookups';
import { AROUND_MS, type WhatChangedRequest, windowAround } from '../../../contract/query-types/what-changed';
import { isTimeSeries } from '../../shared/time-series';
import { type KnownTelemetry } from './known-telemetry';

/**
 * Traces are listed for this many milliseconds before and after a point. The list begins with the newest traces, so it
 * would show only the end of a longer range.
 */
const TRACES_AROUND_MS = 60_000;

/** Variables with the time of the point in milliseconds since 1970. Explore does not replace `${__value.time}`. */
const TIMES = ['${__value.time}', '${__data.fields[0].numeric}'];

function momentOf({ replaceVariables }: Pick<DataLinkClickEvent, 'replaceVariables'>): number | undefined {
  const values = TIMES.map((variable) => replaceVariables?.(variable) ?? '');
  return values.flatMap((value) => (/^\d+(\.\d+)?$/.test(value) ? [Math.round(Number(value))] : []))[0];
}

/** The data source of the links, and the time range of the request that returned the points. */
interface LinkContext {
  datasource: DataSourceRef;
  range: LookupRange;
}

/** The range that a link to the query opens. @param ms Time of the point. */
function rangeAround(query: MicromegasQueryFields, ms: number): LookupRange {
  const aroundMs = query.queryType === 'traces' ? TRACES_AROUND_MS : AROUND_MS;
  const changed = query['what-changed'] && windowAround(query['what-changed']);
  return changed ?? { fromMs: ms - aroundMs, toMs: ms + aroundMs };
}

/** @param ms Time of the point. Undefined for the range of the request. */
function exploreUrl(query: MicromegasQueryFields, { datasource, range: whole }: LinkContext, ms?: number): string {
  const { fromMs, toMs } = ms === undefined ? whole : rangeAround(query, ms);
  const range = { from: String(fromMs), to: String(toMs) };
  const queries = [{ refId: 'A', datasource, version: 2, ...query }];
  const panes = { moment: { datasource: datasource.uid, queries, range } };
  return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
}

/**
 * A link from a point to a query in Explore.
 *
 * @param query Called when the viewer chooses a point. `ms` is the time of the point, or undefined if it is unknown.
 */
function linkTo(title: string, query: (ms?: number) => MicromegasQueryFields, context: LinkContext): DataLink {
  const onBuildUrl = (event: Pick<DataLinkClickEvent, 'replaceVariables'>) => {
    const ms = momentOf(event);
    return exploreUrl(query(ms), context, ms);
  };
  return { title, url: exploreUrl(query(), context), targetBlank: true, onBuildUrl };
}

const flameGraph = (processId: string): MicromegasQueryFields => ({
  queryType: 'profile',
  profile: { view: 'flame-graph', processId },
});

const processList = (exe: string): MicromegasQueryFields => ({
  queryType: 'processes',
  processes: { view: 'list', exe },
});

/** The process or program that the label of a series names. */
type Subject = { key: 'process_id' | 'exe'; value: string };

function subjectOf(labels: Field['labels']): Subject | undefined {
  const keys = ['process_id', 'exe'] as const;
  const key = keys.find((name) => (labels?.[name] ?? '') !== '');
  return key && { key, value: labels?.[key] ?? '' };
}

function linksOf({ key, value }: Subject, context: LinkContext, known: KnownTelemetry): DataLink[] {
  const isProgram = key === 'exe';
  const spans: SpanConditions = isProgram ? { services: [value] } : { processId: value };
  const hasNoTraces = isProgram ? known.programLacks(value, 'trace') : known.lacks(value, 'trace');
  // A flame graph shows the calls of one process.
  const profiled = (ms?: number) =>
    isProgram ? known.processOf(value, 'cpu', ms) : known.lacks(value, 'cpu') ? undefined : value;
  const link = (title: string, query: Parameters<typeof linkTo>[1]) => linkTo(title, query, context);
  const mayHaveCalls = isProgram && !known.programLacks(value, 'cpu');
  return [
    link(t('moment-links.logs', 'Logs around this time'), () => logLinesQuery([{ key, operator: '=', value }])),
    ...(hasNoTraces
      ? []
      : [
          link(t('moment-links.traces', 'Traces around this time'), () => ({
            queryType: 'traces',
            traces: { view: 'search', ...spans, failedFirst: true },
          })),
        ]),
    ...(profiled() !== undefined
      ? [link(t('moment-links.flame-graph', 'Flame graph around this time'), (ms) => flameGraph(profiled(ms) ?? ''))]
      : mayHaveCalls
        ? [link(t('moment-links.processes', 'Processes around this time'), () => processList(value))]
        : []),
    link(t('moment-links.what-changed', 'What changed'), (ms) =>
      whatChangedQuery(changedAt(isProgram ? { exe: value } : { processIds: [value] }, ms))
    ),
  ];
}

/** The cause is often in a program that the program of the point calls. */
function changedAt(named: WhatChangedRequest, ms: number | undefined): WhatChangedRequest {
  return { ...named, scope: 'callers-and-callees', ...(ms !== undefined && { atMs: String(ms) }) };
}

function withLinks(field: Field, context: LinkContext, known: KnownTelemetry): Field {
  const subject = isLinked(field) ? subjectOf(field.labels) : undefined;
  return subject === undefined
    ? field
    : {
        ...field,
        config: {
          ...field.config,
          links: [...(field.config.links ?? []), ...linksOf(subject, context, known)],
        },
      };
}

const isLinked = ({ type, labels }: Field) => String(type) === 'number' && subjectOf(labels) !== undefined;

/** True for time series with the label `process_id` or `exe`. */
export function hasMomentLinks(frame: DataFrame): boolean {
  return isTimeSeries(frame) && frame.fields.some(isLinked);
}

/**
 * Adds the links to the series with the label `process_id` or `exe`.
 *
 * @param known The kinds of telemetry that processes and programs sent. A kind that was not sent gets no link.
 */
export function withMomentLinks(frame: DataFrame, context: LinkContext, known: KnownTelemetry): DataFrame {
  return hasMomentLinks(frame)
    ? { ...frame, fields: frame.fields.map((field) => withLinks(field, context, known)) }
    : frame;
}
