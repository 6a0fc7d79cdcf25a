/** Switches the query editor between builder and code. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { shownSql, sqlPatch } from '../model/query-draft';
import { type BrowserSqlParser } from '../sql-parser/browser-parser';
import { type EditorMode, lastState, openedMode, stateOfSql, statePatch } from './builder-mode';
import { toBuilderState, type UnreadReason } from './read-builder-sql';

/**
 * The SQL that the builder could not read, with the reason. The author stays in code mode, or returns to the builder.
 */
export interface Rejection {
  /** The last state of the builder, and its SQL. Both are undefined if the query has no builder state. */
  state: BuilderState | undefined;
  builderSql: string | undefined;
  sql: string;
  reason: UnreadReason;
}

interface ModeSwitch {
  mode: EditorMode;
  state: BuilderState | undefined;
  /** The last state of each kind, so that the author can return to a kind without losing the fields. */
  states: Map<BuilderState['kind'], BuilderState>;
  /** Set while the author has to decide. */
  rejection: Rejection | undefined;
  switchTo: (mode: EditorMode) => void;
  stayInCode: () => void;
  returnToBuilder: () => void;
}

interface Options {
  query: MicromegasQueryFields;
  /** Returns the query with the saved fields of older versions, even if `sqlPatch` has emptied them in `query`. */
  original: () => MicromegasQueryFields;
  update: (patch: MicromegasQueryFields) => void;
  parser: BrowserSqlParser;
}

/**
 * The mode of a query, and the functions that change it. If the builder cannot read the SQL, the SQL stays unchanged,
 * and `rejection` is set so that the author can decide.
 */
export function useModeSwitch({ query, original, update, parser }: Options): ModeSwitch {
  const { mode, state } = useMemo(() => openedMode(query), [query]);
  const [states] = useState(() => new Map<BuilderState['kind'], BuilderState>());
  const [rejection, setRejection] = useState<Rejection>();
  /**
   * The SQL that the author typed before the builder was opened, and the SQL that the builder made from it. If the
   * builder could not read the typed SQL, `made` is empty. Code mode shows the typed SQL again if the builder has not
   * changed the query.
   */
  const layout = useRef<{ made: string; typed: string }>();
  /** The latest query, because the author can change the SQL while it is parsed. */
  const latest = useRef(query);
  useLayoutEffect(() => {
    latest.current = query;
  });

  const openCode = () => {
    const sql = shownSql(query);
    update(sqlPatch(original(), layout.current?.made === sql ? layout.current.typed : sql));
  };
  const openBuilder = async () => {
    const sql = shownSql(query);
    // A state without a required field, such as the measure, has empty SQL. So the state is tested before the SQL.
    if (stateOfSql(query) !== undefined) {
      update({ rawEditor: false });
      return;
    }
    if (sql.trim() === '') {
      update({ rawEditor: false, builder: undefined });
      return;
    }
    const last = lastState(query);
    const result = await toBuilderState(sql, last?.kind, parser);
    if (shownSql(latest.current) !== sql) {
      return;
    }
    if (result.kind === 'read') {
      layout.current = { made: builderQuery(result.state).sql, typed: sql };
      update(statePatch(original(), result.state));
    } else {
      const builderSql = last && builderQuery(last).sql;
      setRejection({ state: last, builderSql, sql, reason: result.reason });
    }
  };

  return {
    mode,
    state,
    states,
    rejection,
    switchTo: (wanted) => {
      if (wanted === 'code' && mode === 'builder') {
        openCode();
      } else if (wanted === 'builder' && mode === 'code') {
        void openBuilder();
      }
    },
    stayInCode: () => setRejection(undefined),
    returnToBuilder: () => {
      setRejection(undefined);
      if (rejection?.state === undefined) {
        // If the author returns to code mode before the builder has SQL, code mode shows the SQL that the author had
        // typed.
        layout.current = { made: '', typed: shownSql(query) };
        update({ ...sqlPatch(original(), ''), rawEditor: false, builder: undefined });
      } else {
        update(statePatch(original(), rejection.state));
      }
    },
  };
}
