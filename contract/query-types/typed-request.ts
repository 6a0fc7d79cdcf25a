/**
 * Queries without SQL of their own: `queryType` says what they show, and the field of that name has what is asked. The proxy writes
 * the SQL.
 */
import { isObject } from './checks';
import { hasProcessesInput, isProcessesQuery, type ProcessesQuery } from './processes';
import { hasProfileInput, isProfileRequest, type ProfileRequest } from './profile';
import { hasTracesInput, isTracesRequest, type TracesRequest } from './traces';

export const TYPED_QUERIES = ['traces', 'profile', 'processes'] as const;
export type TypedQueryType = (typeof TYPED_QUERIES)[number];

/** The fields of a saved query. A field that belongs to another type than `queryType` has no effect. */
export interface TypedQueryFields {
  /** Missing or any other text: the query is SQL. */
  queryType?: string;
  traces?: TracesRequest;
  profile?: ProfileRequest;
  processes?: ProcessesQuery;
}

export type TypedRequest =
  | { type: 'traces'; request: TracesRequest }
  | { type: 'profile'; request: ProfileRequest }
  | { type: 'processes'; request: ProcessesQuery };

type UncheckedFields = Readonly<Partial<Record<keyof TypedQueryFields, unknown>>>;

/**
 * The type of a saved query. Undefined: SQL. Other data sources save the same types, so the field with the request must exist.
 */
export function typeOfQuery(fields: UncheckedFields): TypedQueryType | undefined {
  return TYPED_QUERIES.find((type) => type === fields.queryType && isObject(fields[type]));
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
export function typedRequestOf({ queryType, traces, profile, processes }: UncheckedFields): TypedRequest | undefined {
  switch (queryType) {
    case 'traces':
      return isTracesRequest(traces) ? { type: queryType, request: traces } : undefined;
    case 'profile':
      return isProfileRequest(profile) ? { type: queryType, request: profile } : undefined;
    case 'processes':
      return isProcessesQuery(processes) ? { type: queryType, request: processes } : undefined;
    default:
      return undefined;
  }
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
  }
}
