/**
 * The state of a query in the editor, and the changes that the editor makes.
 *
 * Grafana sometimes renders the editor with an older query: before it has processed a change, after a refresh, or when
 * another panel changes. So the draft keeps, for each field, the values that were sent to Grafana and not received
 * since. If a received value is one of these values, it is an echo and changes nothing. A received value from before
 * the change is ignored, too. Any other value comes from outside the editor, for example from the query history, and
 * replaces the field.
 *
 * Values are compared by their contents, because Grafana copies queries, and a builder state is an object.
 */
import { get, isEqual, pick, pickBy } from 'lodash';
import { type MicromegasQueryFields, sqlOf } from '../../../contract/queries/query';
import {
  hasInput,
  typeOfQuery,
  VIEW_QUERY_TYPES,
  type ViewQueryFields,
  viewRequestOf,
} from '../../../contract/query-types/view-request';

/**
 * A new query, which opens in the builder. Its format is a table, which shows the result of any SQL. It has no limit:
 * the older plugin limited the rows to the width of the panel, which makes sums and series wrong. Saved queries do not
 * get these values.
 */
export function newQuery(): MicromegasQueryFields {
  return { query: '', format: 'table', timeFilter: true, autoLimit: false, rawEditor: false, version: 2 };
}

/**
 * True for a query without saved fields, such as the query of a new panel. Grafana adds the default query only to the
 * request, and to a query that the user adds with the button "Add query". So the editor must save the fields of the
 * default query.
 */
function isUnsaved(query: MicromegasQueryFields): boolean {
  return (
    query.version === undefined &&
    query.builder === undefined &&
    sqlOf(query).trim() === '' &&
    !query.table &&
    typeOfQuery(query) === undefined
  );
}

/** The patch of a change. If the query is unsaved, the patch also saves the missing fields of a new query. */
export function seededPatch<Q extends MicromegasQueryFields>(query: Q, patch: Partial<Q>): Partial<Q> {
  return isUnsaved(query) ? { ...pickBy(newQuery(), (_, field) => get(query, field) === undefined), ...patch } : patch;
}

interface QueryDraft<Q extends MicromegasQueryFields> {
  /** The query that the editor shows. */
  query: Q;
  /** The query with which Grafana last rendered the editor. */
  received: Q;
  /** For each field, the values that were sent and not received since, oldest first. */
  pending: ReadonlyMap<keyof Q, readonly unknown[]>;
}

/** The draft of an editor that is opened: nothing is changed yet. */
export function startDraft<Q extends MicromegasQueryFields>(received: Q): QueryDraft<Q> {
  return { query: received, received, pending: new Map() };
}

/** False if the query already has all values of the patch. */
export function changesAnything<Q extends MicromegasQueryFields>(query: Q, patch: Partial<Q>): boolean {
  return (Object.keys(patch) as Array<keyof Q>).some((key) => !isEqual(query[key], patch[key]));
}

/** The fields that the forms of the builder and of queries without SQL show. */
const FORM_FIELDS = ['builder', ...VIEW_QUERY_TYPES] as const;

/** True if the forms show the same for both queries. A field that is undefined counts as missing. */
export function haveSameForms(a: MicromegasQueryFields, b: MicromegasQueryFields): boolean {
  const shown = (query: MicromegasQueryFields): unknown => JSON.parse(JSON.stringify(pick(query, FORM_FIELDS)));
  return isEqual(shown(a), shown(b));
}

/** The draft after the user changed fields. The caller sends the resulting `query` to Grafana. */
export function editDraft<Q extends MicromegasQueryFields>(draft: QueryDraft<Q>, patch: Partial<Q>): QueryDraft<Q> {
  const pending = new Map<keyof Q, readonly unknown[]>(draft.pending);
  for (const key of Object.keys(patch) as Array<keyof Q>) {
    pending.set(key, [...(pending.get(key) ?? []), patch[key]]);
  }
  return { ...draft, query: { ...draft.query, ...patch }, pending };
}

/** The draft after Grafana rendered the editor with a query. */
export function receiveQuery<Q extends MicromegasQueryFields>(draft: QueryDraft<Q>, received: Q): QueryDraft<Q> {
  const query = { ...received };
  const pending = new Map<keyof Q, readonly unknown[]>();
  for (const [key, sent] of draft.pending) {
    const echo = sent.findIndex((value) => isEqual(value, received[key]));
    const isOlder = echo < 0 && isEqual(received[key], draft.received[key]);
    if (echo >= 0 || isOlder) {
      query[key] = draft.query[key];
      const rest = sent.slice(echo + 1);
      if (rest.length > 0) {
        pending.set(key, rest);
      }
    }
  }
  return { query, received, pending };
}

/** The SQL to show: the typed SQL, or else the SQL of the saved query in any version. */
export function shownSql(query: MicromegasQueryFields): string {
  return query.query ? query.query : sqlOf(query);
}

/**
 * True if a query without SQL can be sent. Undefined for SQL. A request of unknown shape is sent, so that the author
 * sees the error of the backend.
 */
export function isReadyRequest(query: ViewQueryFields): boolean | undefined {
  const view = viewRequestOf(query);
  return typeOfQuery(query) === undefined ? undefined : view === undefined || hasInput(view);
}

/** True for a query that can be sent: its SQL is not empty, or its request has all required fields. */
export function isRunnable(query: MicromegasQueryFields): boolean {
  return isReadyRequest(query) ?? shownSql(query).trim() !== '';
}

/**
 * The patch that sets the SQL. It keeps the fields of the older plugin's builder, with one exception: while the SQL is
 * empty, the fields from which `sqlOf` would take other SQL are empty too.
 *
 * @param original The query whose fields of the older builder are kept.
 */
export function sqlPatch(original: MicromegasQueryFields, sql: string): MicromegasQueryFields {
  const isEmpty = sql.trim() === '';
  const patch: MicromegasQueryFields = { query: sql, version: 2, rawEditor: true };
  if (original.queryText) {
    patch.queryText = isEmpty ? '' : original.queryText;
  }
  if (original.table) {
    patch.table = isEmpty ? '' : original.table;
  }
  return patch;
}
