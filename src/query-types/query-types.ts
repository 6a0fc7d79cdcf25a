/** The types of queries, and the requests with which they begin. */
import { t } from '@grafana/i18n';
import {
  hasInput,
  isTyped,
  typedRequestOf,
  typeOfQuery,
  type TypedQueryFields,
  type TypedQueryType,
} from '../../contract/query-types/typed-request';

export type QueryType = 'sql' | TypedQueryType;

export type RequestOf<T extends TypedQueryType> = NonNullable<TypedQueryFields[T]>;

export function queryTypes(): Array<{ value: QueryType; label: string }> {
  return [
    { value: 'sql', label: t('query-types.sql.label', 'SQL') },
    { value: 'traces', label: t('query-types.traces.label', 'Traces') },
    { value: 'profile', label: t('query-types.profile.label', 'Profile') },
    { value: 'processes', label: t('query-types.processes.label', 'Processes') },
    { value: 'what-changed', label: t('query-types.what-changed.label', 'What changed') },
  ];
}

const NEW_REQUESTS: { readonly [T in TypedQueryType]: RequestOf<T> } = {
  traces: { view: 'search' },
  profile: { view: 'flame-graph', processId: '' },
  processes: { view: 'list' },
  'what-changed': {},
};

/** The patch that changes the type of a query. The SQL and the requests of the other types stay in their fields. */
export function typePatch(query: TypedQueryFields, type: QueryType): TypedQueryFields {
  return type === 'sql'
    ? { queryType: undefined }
    : { queryType: type, ...(!isTyped({ ...query, queryType: type }) && { [type]: NEW_REQUESTS[type] }) };
}

/** The patch that replaces a request that the editor cannot show. */
export function newRequestPatch(type: TypedQueryType): TypedQueryFields {
  return { [type]: NEW_REQUESTS[type] };
}

/**
 * True if a query without SQL can be sent. Undefined for SQL. A request that nobody can read is sent, so that the author sees
 * what is wrong.
 */
export function isReadyRequest(query: TypedQueryFields): boolean | undefined {
  const typed = typedRequestOf(query);
  return typeOfQuery(query) === undefined ? undefined : typed === undefined || hasInput(typed);
}
