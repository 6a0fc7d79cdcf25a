/**
 * View queries are saved without SQL: `queryType` is their type, and the field with the name of the type has the
 * request. The backend writes the SQL.
 */
import { isObject } from '../is-object';
import { hasProcessesInput, isProcessesQuery, type ProcessesQuery } from './processes';
import { hasProfileInput, isProfileRequest, type ProfileRequest } from './profile';
import { hasTracesInput, isTracesRequest, traceIdOf, type TracesRequest } from './traces';
import { hasWhatChangedInput, isWhatChangedRequest, type WhatChangedRequest } from './what-changed';

/** The values of `queryType` of view queries. */
export const VIEW_QUERY_TYPES = ['traces', 'profile', 'processes', 'what-changed'] as const;
export type ViewQueryType = (typeof VIEW_QUERY_TYPES)[number];

/** The fields of a saved view query. A field that belongs to another type than `queryType` has no effect. */
export interface ViewQueryFields {
  /** Missing or any other string: the query is SQL, or a trace id. */
  queryType?: string;
  traces?: TracesRequest;
  profile?: ProfileRequest;
  processes?: ProcessesQuery;
  'what-changed'?: WhatChangedRequest;
}

/** The request of a view query, with its type. */
export type ViewRequest =
  | { type: 'traces'; request: TracesRequest }
  | { type: 'profile'; request: ProfileRequest }
  | { type: 'processes'; request: ProcessesQuery }
  | { type: 'what-changed'; request: WhatChangedRequest };

type UncheckedFields = Readonly<Partial<Record<keyof ViewQueryFields | 'query', unknown>>>;

/**
 * The value of `queryType`, if it is the type of a view and the query has the field of that name. Queries of other data
 * sources may have the same `queryType`, but not this field.
 */
function typeWithRequest(fields: UncheckedFields): ViewQueryType | undefined {
  return VIEW_QUERY_TYPES.find((type) => type === fields.queryType && isObject(fields[type]));
}

/**
 * The type of a saved query. Undefined: SQL. A query whose SQL is only a trace id opens the trace: Loki's derived
 * fields, Prometheus's exemplars and correlations send an id in `query`, with the type of another data source or none.
 */
export function typeOfQuery(fields: UncheckedFields): ViewQueryType | undefined {
  return typeWithRequest(fields) ?? (traceIdOf(fields.query) === undefined ? undefined : 'traces');
}

/** True for a view query. */
export function isViewQuery(fields: UncheckedFields): boolean {
  return typeOfQuery(fields) !== undefined;
}

/** True if the request of this type is within the bounds. */
export function isRequestOf(type: ViewQueryType, value: unknown): boolean {
  return viewRequestOf({ queryType: type, [type]: value }) !== undefined;
}

/** The request of a saved query. Undefined for SQL, and for a field that is missing or beyond the bounds. */
export function viewRequestOf(fields: UncheckedFields): ViewRequest | undefined {
  const { queryType, traces, profile, processes, 'what-changed': whatChanged } = fields;
  if (typeWithRequest(fields) === undefined) {
    const traceId = traceIdOf(fields.query);
    return traceId === undefined ? undefined : { type: 'traces', request: { view: 'trace', traceId } };
  }
  switch (queryType) {
    case 'traces':
      return isTracesRequest(traces) ? { type: queryType, request: shownTraces(traces, fields.query) } : undefined;
    case 'profile':
      return isProfileRequest(profile) ? { type: queryType, request: profile } : undefined;
    case 'processes':
      return isProcessesQuery(processes) ? { type: queryType, request: processes } : undefined;
    case 'what-changed':
      return isWhatChangedRequest(whatChanged) ? { type: queryType, request: whatChanged } : undefined;
    default:
      return undefined;
  }
}

/**
 * The request that a query of the type `traces` runs. For the view `trace`, a trace id in the field `query` replaces
 * the id of the request: Grafana's trace view puts the id there when the user follows a link to a span of another
 * trace.
 */
export function shownTraces(traces: TracesRequest, query: unknown): TracesRequest {
  const traceId = traces.view === 'trace' ? traceIdOf(query) : undefined;
  return traceId === undefined ? traces : { ...traces, traceId };
}

/** True if the request can be sent. False while its editor is not filled in. */
export function hasInput(view: ViewRequest): boolean {
  switch (view.type) {
    case 'traces':
      return hasTracesInput(view.request);
    case 'profile':
      return hasProfileInput(view.request);
    case 'processes':
      return hasProcessesInput(view.request);
    case 'what-changed':
      return hasWhatChangedInput(view.request);
  }
}
