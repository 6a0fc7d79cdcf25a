/**
 * Queries without SQL of their own: `queryType` says what they show, and the field of that name has what is asked. The proxy writes
 * the SQL.
 */
import { isObject } from '../is-object';
import { hasProcessesInput, isProcessesQuery, type ProcessesQuery } from './processes';
import { hasProfileInput, isProfileRequest, type ProfileRequest } from './profile';
import { hasTracesInput, isTracesRequest, traceIdOfText, type TracesRequest } from './traces';
import { hasWhatChangedInput, isWhatChangedRequest, type WhatChangedRequest } from './what-changed';

export const TYPED_QUERIES = ['traces', 'profile', 'processes', 'what-changed'] as const;
export type TypedQueryType = (typeof TYPED_QUERIES)[number];

/** The fields of a saved query. A field that belongs to another type than `queryType` has no effect. */
export interface TypedQueryFields {
  /** Missing or any other text: the query is SQL, or a trace id. */
  queryType?: string;
  traces?: TracesRequest;
  profile?: ProfileRequest;
  processes?: ProcessesQuery;
  'what-changed'?: WhatChangedRequest;
}

export type TypedRequest =
  | { type: 'traces'; request: TracesRequest }
  | { type: 'profile'; request: ProfileRequest }
  | { type: 'processes'; request: ProcessesQuery }
  | { type: 'what-changed'; request: WhatChangedRequest };

type UncheckedFields = Readonly<Partial<Record<keyof TypedQueryFields | 'query', unknown>>>;

/** The type whose request the query has in its field. Other data sources save the same types, without this field. */
function typeWithRequest(fields: UncheckedFields): TypedQueryType | undefined {
  return TYPED_QUERIES.find((type) => type === fields.queryType && isObject(fields[type]));
}

/**
 * The type of a saved query. Undefined: SQL. A query whose SQL is only a trace id opens the trace: Loki's derived fields, Prometheus's
 * exemplars and correlations send an id in `query`, with the type of another data source or none.
 */
export function typeOfQuery(fields: UncheckedFields): TypedQueryType | undefined {
  return typeWithRequest(fields) ?? (traceIdOfText(fields.query) === undefined ? undefined : 'traces');
}

/** True for a query without SQL of its own. */
export function isTyped(fields: UncheckedFields): boolean {
  return typeOfQuery(fields) !== undefined;
}

/** True if the request of this type is within the bounds. */
export function isRequestOf(type: TypedQueryType, value: unknown): boolean {
  return typedRequestOf({ queryType: type, [type]: value }) !== undefined;
}

/** The request of a saved query. Undefined for SQL, and for a field that is missing or beyond the bounds. */
export function typedRequestOf(fields: UncheckedFields): TypedRequest | undefined {
  const { queryType, traces, profile, processes, 'what-changed': whatChanged } = fields;
  if (typeWithRequest(fields) === undefined) {
    const traceId = traceIdOfText(fields.query);
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
 * The request that a query of the type `traces` runs. A link in Grafana's trace view to a span of another trace opens the query of this
 * trace with the other id in the field `query`, so an id there replaces that of the view `trace`.
 */
export function shownTraces(traces: TracesRequest, query: unknown): TracesRequest {
  const traceId = traces.view === 'trace' ? traceIdOfText(query) : undefined;
  return traceId === undefined ? traces : { ...traces, traceId };
}

/** True if the request can be sent. False while its editor is not filled in. */
export function hasInput(typed: TypedRequest): boolean {
  switch (typed.type) {
    case 'traces':
      return hasTracesInput(typed.request);
    case 'profile':
      return hasProfileInput(typed.request);
    case 'processes':
      return hasProcessesInput(typed.request);
    case 'what-changed':
      return hasWhatChangedInput(typed.request);
  }
}
