/** The types of queries, and their initial requests. */
import { t } from '@grafana/i18n';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { isObject } from '../../../contract/is-object';
import { traceIdOf } from '../../../contract/query-types/traces';
import {
  hasInput,
  viewRequestOf,
  typeOfQuery,
  type ViewQueryFields,
  type ViewQueryType,
} from '../../../contract/query-types/view-request';

export type QueryType = 'sql' | ViewQueryType;

export type RequestOf<T extends ViewQueryType> = NonNullable<ViewQueryFields[T]>;

/** The query types, in the language of the user. `sql` stands for a saved query without a type. */
export function queryTypes(): Array<{ value: QueryType; label: string }> {
  return [
    { value: 'sql', label: t('query-types.sql.label', 'SQL') },
    { value: 'traces', label: t('query-types.traces.label', 'Traces') },
    { value: 'profile', label: t('query-types.profile.label', 'Profile') },
    { value: 'processes', label: t('query-types.processes.label', 'Processes') },
    { value: 'what-changed', label: t('query-types.what-changed.label', 'What changed') },
  ];
}

const NEW_REQUESTS: { readonly [T in ViewQueryType]: RequestOf<T> } = {
  traces: { view: 'search' },
  profile: { view: 'flame-graph', processId: '' },
  processes: { view: 'list' },
  'what-changed': {},
};

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
  const request = view?.type === type ? view.request : NEW_REQUESTS[type];
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
  return { [type]: NEW_REQUESTS[type] };
}

/**
 * True if a query without SQL can be sent. Undefined for SQL. A request of unknown shape is sent, so that the author
 * sees the error of the backend.
 */
export function isReadyRequest(query: ViewQueryFields): boolean | undefined {
  const view = viewRequestOf(query);
  return typeOfQuery(query) === undefined ? undefined : view === undefined || hasInput(view);
}
