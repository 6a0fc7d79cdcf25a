/**
 * Decides in which mode the editor opens a query, and makes the patches that builder and code mode save. The backend
 * runs only `query`. If the SQL and the builder state disagree, the SQL wins, and the query opens in code mode.
 */
import { get, isEqual, pickBy } from 'lodash';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { legendWithMeasure } from '../../../contract/builder/metrics-sql';
import { olderBuilderState } from '../../../contract/builder/older-builder';
import { readBuilderState } from '../../../contract/builder/read-state';
import { type MicromegasQueryFields, readFlag, readQuery } from '../../../contract/queries/query';
import { shownSql, sqlPatch } from '../model/query-draft';

export type EditorMode = 'builder' | 'code';

interface Opened {
  mode: EditorMode;
  /** Undefined in code mode, and in the builder until a kind is chosen. */
  state?: BuilderState;
}

const CODE: Opened = { mode: 'code' };

/** The state from which the SQL of the query was made. Undefined for SQL that the author wrote or edited. */
export function stateOfSql(query: MicromegasQueryFields): BuilderState | undefined {
  const sql = shownSql(query).trim();
  const state = readBuilderState(query.builder);
  if (state !== undefined && builderQuery(state).sql.trim() === sql) {
    return state;
  }
  return sql === '' ? undefined : olderBuilderState({ ...query, query: sql });
}

/**
 * The last state of the builder, whether or not the query still has the SQL of this state. Undefined if the query has
 * no builder state.
 */
export function lastState(query: MicromegasQueryFields): BuilderState | undefined {
  return readBuilderState(query.builder) ?? olderBuilderState({ ...query, query: '' });
}

/** The mode in which a query opens. A saved query without `rawEditor` opens in code mode if it has SQL. */
export function openedMode(query: MicromegasQueryFields): Opened {
  const isCode = readFlag(query.rawEditor);
  const isEmpty = shownSql(query).trim() === '';
  if (isCode === true || (isCode === undefined && !isEmpty)) {
    return CODE;
  }
  const state = stateOfSql(query);
  return state !== undefined || isEmpty ? { mode: 'builder', ...(state && { state }) } : CODE;
}

/**
 * The values that a builder state sets in the query, unless the user has chosen other values.
 *
 * @param hasLegend Returns true if another query of the panel has this legend. Default: there is no other query.
 */
function decidedFields(state: BuilderState, hasLegend: (legend: string) => boolean = () => false) {
  const { format, legend, rowLimit, timeFilter = true, labelColumns } = builderQuery(state);
  const longer = legend && hasLegend(legend) && state.kind === 'metrics' ? legendWithMeasure(state, legend) : undefined;
  return { format, legend: longer ?? legend, rowLimit, timeFilter, labelColumns };
}

/**
 * For a time series with a limit, sets `newestFirst`, so that the limit drops the oldest rows. For other results,
 * removes `newestFirst`. States of kinds that cannot be a time series are unchanged.
 */
function orderedState(query: MicromegasQueryFields, state: BuilderState): BuilderState {
  if (state.kind !== 'metrics' && state.kind !== 'table') {
    return state;
  }
  const { newestFirst: _before, ...rest } = state;
  const { rowLimit, autoLimit } = readQuery(query);
  const hasLimit = rowLimit !== undefined || autoLimit || ('limit' in state && state.limit?.trim());
  return hasLimit && builderQuery(state).format === 'time_series' ? { ...rest, newestFirst: true } : rest;
}

/**
 * True if the options of the query show _Row limit_. False if the form of the builder shows the same limit.
 *
 * @param state The state of the builder. Undefined in code mode.
 */
export function hasRowLimitOption(query: MicromegasQueryFields, state: BuilderState | undefined): boolean {
  return state === undefined || state.kind === 'metrics' || query.rowLimit !== builderQuery(state).rowLimit;
}

/**
 * The patch that changes a limit of the query. It also changes the builder's SQL if the limit needs another row order.
 *
 * @param state The state of the builder. Undefined in code mode.
 */
export function limitPatch(
  query: MicromegasQueryFields,
  original: MicromegasQueryFields,
  state: BuilderState | undefined,
  patch: MicromegasQueryFields
): MicromegasQueryFields {
  const ordered = state && orderedState({ ...query, ...patch }, state);
  return ordered === undefined || isEqual(ordered, state) ? patch : { ...patch, ...statePatch(original, ordered) };
}

/**
 * The patch that saves a builder state together with its SQL. It includes the format and other fields that the state
 * decides, but not a field that the user has changed since the kind was chosen.
 *
 * @param query    The query in the editor.
 * @param original The query with the saved fields of older versions, even if `sqlPatch` has emptied them in `query`.
 * @param state    The new state.
 * @param before   The state that the builder showed. Undefined if there was none.
 * @param others The other queries of the panel. If one of them has the same legend, the new legend begins with the
 *   measure.
 */
export function builderPatch(
  query: MicromegasQueryFields,
  original: MicromegasQueryFields,
  state: BuilderState,
  before?: BuilderState,
  others: readonly MicromegasQueryFields[] = []
): MicromegasQueryFields {
  const decided = decidedFields(state, (legend) => others.some((other) => other.legend === legend));
  // The legend of `before` may have been chosen when the panel had other queries.
  const last = before?.kind === state.kind ? [decidedFields(before), decidedFields(before, () => true)] : [];
  const current = { ...query, timeFilter: readFlag(query.timeFilter) ?? true, legend: query.legend || undefined };
  const followed = pickBy(
    decided,
    (_, field) => last.length === 0 || last.some((fields) => isEqual(get(current, field), get(fields, field)))
  );
  return { ...statePatch(original, orderedState({ ...query, ...followed }, state)), ...followed };
}

/** The patch that saves a builder state and its SQL, without the format and other options. */
export function statePatch(original: MicromegasQueryFields, state: BuilderState): MicromegasQueryFields {
  return { ...sqlPatch(original, builderQuery(state).sql), rawEditor: false, builder: state };
}
