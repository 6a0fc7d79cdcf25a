/** The types of queries without SQL, and what the editor and requests need to know about a query of any type. */
import { type ScopedVars } from '@grafana/data';
import { t } from '@grafana/i18n';
import { isObject } from '../../../contract/is-object';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { traceIdOf } from '../../../contract/query-types/traces';
import {
  type RequestOf,
  typeOfQuery,
  VIEW_QUERY_TYPES,
  type ViewQueryFields,
  type ViewQueryType,
  type ViewRequest,
  viewRequestOf,
} from '../../../contract/query-types/view-request';
import { Strings, type Templates } from './strings';
import { processes } from './types/processes';
import { profile } from './types/profile';
import { traces } from './types/traces';
import { whatChanged } from './types/what-changed';
import { type ViewType } from './view-type';

export const VIEW_TYPES: { readonly [Type in ViewQueryType]: ViewType<RequestOf<Type>> } = {
  traces,
  profile,
  processes,
  'what-changed': whatChanged,
};

export type QueryType = 'sql' | ViewQueryType;

/** The query types, in the language of the user. `sql` stands for a saved query without a type. */
export function queryTypes(): Array<{ value: QueryType; label: string }> {
  const views = VIEW_QUERY_TYPES.map((value) => ({ value, label: VIEW_TYPES[value].label() }));
  return [{ value: 'sql', label: t('query-types.sql.label', 'SQL') }, ...views];
}

/** The patch that removes a trace id that is saved in place of the SQL. Empty for a query with SQL. */
function withoutTraceId({ query }: MicromegasQueryFields): MicromegasQueryFields {
  return traceIdOf(query) === undefined ? {} : { query: '' };
}

/**
 * The patch that changes the type of a query. The SQL and the requests of the other types stay in their fields. If a
 * trace id is saved in place of the SQL, the type `traces` gets a request for that trace, and the type `sql` gets empty
 * SQL.
 */
export function typePatch(query: MicromegasQueryFields, type: QueryType): MicromegasQueryFields {
  if (type === 'sql') {
    return { queryType: undefined, ...withoutTraceId(query) };
  }
  const view = viewRequestOf({ ...query, queryType: type });
  const request = view?.type === type ? view.request : VIEW_TYPES[type].newRequest;
  return { queryType: type, ...(!isObject(query[type]) && { [type]: request }) };
}

/**
 * The patch for an edit in the form of a query type. An edit in the form for traces removes a trace id that is saved in
 * place of the SQL, because the edited request replaces the id. Queries of other data sources, and links in Grafana's
 * trace view to other traces, save the id in place of the SQL.
 */
export function requestPatch(query: MicromegasQueryFields, patch: ViewQueryFields): MicromegasQueryFields {
  return patch.traces === undefined ? patch : { ...patch, queryType: 'traces', ...withoutTraceId(query) };
}

/** The patch that replaces a request that the editor cannot show. */
export function newRequestPatch(type: ViewQueryType): ViewQueryFields {
  return { [type]: VIEW_TYPES[type].newRequest };
}

/** A copy without the fields that are undefined, so that a request without variables equals its copy. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

function interpolated<Type extends ViewQueryType>({ type, request }: ViewRequest<Type>, strings: Strings): object {
  return { [type]: defined(VIEW_TYPES[type].interpolate(request, strings)) };
}

/** The query with the values of variables in the request of its type. A request of unknown shape is unchanged. */
export function interpolateRequest<Q extends ViewQueryFields>(query: Q, templates: Templates, scoped: ScopedVars): Q {
  const view = viewRequestOf(query);
  return view === undefined ? query : { ...query, ...interpolated(view, new Strings(templates, scoped)) };
}

/** The request as JSON, so that callers can search the request for variables. Empty for SQL. */
export function requestJson(query: ViewQueryFields): string {
  const type = typeOfQuery(query);
  return type === undefined ? '' : JSON.stringify(query[type]);
}

function described<Type extends ViewQueryType>({ type, request }: ViewRequest<Type>): string[] {
  return VIEW_TYPES[type].describe(request);
}

/**
 * The one-line label of a query without SQL, which the query history and collapsed editors show. Undefined for SQL, and
 * for a request of unknown shape.
 */
export function requestLabel(query: ViewQueryFields): string | undefined {
  const view = viewRequestOf(query);
  return (
    view &&
    described(view)
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join(' | ')
  );
}
