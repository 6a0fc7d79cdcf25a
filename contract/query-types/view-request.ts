/**
 * View queries, which are saved without SQL. `queryType` is the type of the query, and the field with the name of this
 * type has the request, for example `{queryType: "traces", traces: {…}}`. The backend writes the SQL.
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
  /** One of `VIEW_QUERY_TYPES`. Missing or any other string: the query is SQL, or a trace id. */
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
 * The value of `queryType`, if the query has an object in the field of this name. Queries of other data sources may
 * have the same `queryType`, but no such object. Undefined for other queries.
 */
function typeWithRequest(fields: UncheckedFields): ViewQueryType | undefined {
  return VIEW_QUERY_TYPES.find((type) => type === fields.queryType && isObject(fields[type]));
}

/**
 * The type of a saved view query. Undefined for a query with SQL. If the SQL is only a trace id, the type is `traces`:
 * Loki's derived fields, Prometheus's exemplars and correlations send a trace id in `query`.
 */
export function typeOfQuery(fields: UncheckedFields): ViewQueryType | undefined {
  return typeWithRequest(fields) ?? (traceIdOf(fields.query) === undefined ? undefined : 'traces');
}

/** True for a view query, and for a query whose SQL is only a trace id. */
export function isViewQuery(fields: UncheckedFields): boolean {
  return typeOfQuery(fields) !== undefined;
}

/** True if the value is a valid request of the type. */
export function isRequestOf(type: ViewQueryType, value: unknown): boolean {
  return viewRequestOf({ queryType: type, [type]: value }) !== undefined;
}

/**
 * The request of a saved view query, or of a query whose SQL is only a trace id. Undefined for other SQL, and for an
 * invalid request.
 */
export function viewRequestOf(fields: UncheckedFields): ViewRequest | undefined {
  const { queryType, traces, profile, processes, 'what-changed': whatChanged } = fields;
  if (typeWithRequest(fields) === undefined) {
    const traceId = traceIdOf(fields.query);
    return traceId === undefined ? undefined : { type: 'traces', request: { view: 'trace', traceId } };
  }
  switch (queryType) {
    case 'traces':
      return isTracesRequest(traces)
        ? { type: queryType, request: shownTraces(withoutMissing(traces), fields.query) }
        : undefined;
    case 'profile':
      return isProfileRequest(profile) ? { type: queryType, request: withoutMissing(profile, 'processId') } : undefined;
    case 'processes':
      return isProcessesQuery(processes) ? { type: queryType, request: withoutMissing(processes) } : undefined;
    case 'what-changed':
      return isWhatChangedRequest(whatChanged) ? { type: queryType, request: withoutMissing(whatChanged) } : undefined;
    default:
      return undefined;
  }
}

/**
 * The request without fields that are null or an empty string, which count as missing, see `missingOr`. Tools such as
 * Terraform save null for an option that is not set.
 *
 * @param required Fields that are kept even so, because they are required in the type of the request.
 */
function withoutMissing<Request extends object>(request: Request, ...required: Array<keyof Request>): Request {
  const kept: readonly PropertyKey[] = required;
  const entries: Array<[string, unknown]> = Object.entries(request);
  const present = entries.filter(([name, value]) => (value !== null && value !== '') || kept.includes(name));
  return present.length === entries.length ? request : (Object.fromEntries(present) as Request);
}

/**
 * The request that a query of the type `traces` runs. For the view `trace`, a trace id in the field `query` replaces
 * the id of the request: Grafana's trace view puts the id there when the user follows a link to a span of another
 * trace.
 */
function shownTraces(traces: TracesRequest, query: unknown): TracesRequest {
  const traceId = traces.view === 'trace' ? traceIdOf(query) : undefined;
  return traceId === undefined ? traces : { ...traces, traceId };
}

/** True if the request can run. False if it lacks a required value, such as the process. */
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
