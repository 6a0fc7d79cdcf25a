/**
 * View queries, which are saved without SQL. `queryType` is the type of the query, and the field with the name of this
 * type has the request, for example `{queryType: "traces", traces: {…}}`. The backend writes the SQL.
 */
import { is } from 'valibot';
import { isObject } from '../is-object';
import { PROCESSES } from './processes';
import { PROFILE } from './profile';
import { type QueryType } from './query-type';
import { traceIdOf, TRACES } from './traces';
import { WHAT_CHANGED } from './what-changed';

const TYPES = { traces: TRACES, profile: PROFILE, processes: PROCESSES, 'what-changed': WHAT_CHANGED };

/** A value of `queryType` of view queries. */
export type ViewQueryType = keyof typeof TYPES;

/** The request of each type. */
export type RequestOf<Type extends ViewQueryType> =
  (typeof TYPES)[Type] extends QueryType<infer Request> ? Request : never;

/** A table with an entry for each type, such as `{ [Type in ViewQueryType]: Form<RequestOf<Type>> }`, has all types. */
export const VIEW_TYPES: { readonly [Type in ViewQueryType]: QueryType<RequestOf<Type>> } = TYPES;

export const VIEW_QUERY_TYPES = Object.keys(VIEW_TYPES) as ViewQueryType[];

/** The fields of a saved view query. A field that belongs to another type than `queryType` has no effect. */
export type ViewQueryFields = { [Type in ViewQueryType]?: RequestOf<Type> } & {
  /** One of `VIEW_QUERY_TYPES`. Missing or any other string: the query is SQL, or a trace id. */
  queryType?: string;
};

/** The request of a view query, with its type. */
export type ViewRequest<Type extends ViewQueryType = ViewQueryType> = {
  [T in Type]: { type: T; request: RequestOf<T> };
}[Type];

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
  const type = typeWithRequest(fields);
  if (type !== undefined) {
    return checkedRequest(type, fields);
  }
  const traceId = traceIdOf(fields.query);
  return traceId === undefined ? undefined : { type: 'traces', request: { view: 'trace', traceId } };
}

function checkedRequest<Type extends ViewQueryType>(type: Type, fields: UncheckedFields): ViewRequest | undefined {
  const { schema, required, withSql = (request) => request } = VIEW_TYPES[type];
  const saved: unknown = fields[type];
  return is(schema, saved)
    ? ({ type, request: withSql(withoutMissing(saved as RequestOf<Type>, required), fields.query) } as ViewRequest)
    : undefined;
}

/**
 * The request without fields that are null or an empty string, which count as missing, see `missingOr`. Tools such as
 * Terraform save null for an option that is not set.
 *
 * @param required Fields that are kept even so, because they are required in the type of the request.
 */
function withoutMissing<Request extends object>(request: Request, required: ReadonlyArray<keyof Request>): Request {
  const kept: readonly PropertyKey[] = required;
  const entries: Array<[string, unknown]> = Object.entries(request);
  const present = entries.filter(([name, value]) => (value !== null && value !== '') || kept.includes(name));
  return present.length === entries.length ? request : (Object.fromEntries(present) as Request);
}

/** True if the request can run. False if it lacks a required value, such as the process. */
export function hasInput<Type extends ViewQueryType>({ type, request }: ViewRequest<Type>): boolean {
  return VIEW_TYPES[type].hasInput(request);
}
