/**
 * The query that is being edited, kept apart from the one that Grafana hands down.
 *
 * Grafana renders the editor again with older queries: while a change is on its way up, after a refresh, when another
 * panel changes. So each field remembers the values that were sent and have not come back. A value that comes back is
 * an echo and changes nothing; an older value is ignored; any other value was set by somebody else and is taken over.
 */
import { type MicromegasQueryFields, sqlOf } from '../../contract/query';

export interface QueryDraft<Q extends MicromegasQueryFields> {
  /** The query as the author sees it. */
  query: Q;
  /** What Grafana handed down last. */
  received: Q;
  /** Values per field that were sent and have not come back, oldest first. */
  pending: ReadonlyMap<keyof Q, readonly unknown[]>;
}

export function startDraft<Q extends MicromegasQueryFields>(received: Q): QueryDraft<Q> {
  return { query: received, received, pending: new Map() };
}

/** False when the query holds all values of the patch already. */
export function changesAnything<Q extends MicromegasQueryFields>(query: Q, patch: Partial<Q>): boolean {
  return (Object.keys(patch) as Array<keyof Q>).some((key) => query[key] !== patch[key]);
}

/** The draft after the author changed some fields. `query` of the result is what goes to Grafana. */
export function editDraft<Q extends MicromegasQueryFields>(draft: QueryDraft<Q>, patch: Partial<Q>): QueryDraft<Q> {
  const pending = new Map(draft.pending);
  for (const key of Object.keys(patch) as Array<keyof Q>) {
    pending.set(key, [...(pending.get(key) ?? []), patch[key]]);
  }
  return { ...draft, query: { ...draft.query, ...patch }, pending };
}

/** The draft after Grafana handed a query down. */
export function receiveQuery<Q extends MicromegasQueryFields>(draft: QueryDraft<Q>, received: Q): QueryDraft<Q> {
  const query = { ...received };
  const pending = new Map<keyof Q, readonly unknown[]>();
  for (const [key, sent] of draft.pending) {
    const echo = sent.indexOf(received[key]);
    const isOlder = echo < 0 && received[key] === draft.received[key];
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

/** The SQL to show: as typed when something was, else wherever the version of the save kept it. */
export function shownSql(query: MicromegasQueryFields): string {
  return query.query ? query.query : sqlOf(query);
}

/**
 * The fields that saving this SQL changes. Fields of the older plugin's builder stay, but for one case: where the
 * author removed all SQL, the sources from which it would come back are emptied with it, and return with new SQL.
 *
 * @param original The query as it was opened.
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
