/**
 * The state of the builder with the values of dashboard variables, so that a query that is kept without its dashboard
 * opens in the builder.
 */
import { type ScopedVars } from '@grafana/data';
import { cloneDeepWith } from 'lodash';
import { builderQuery, conditionContext } from '../../../contract/builder/builder-sql';
import { type BuilderCondition, type BuilderState } from '../../../contract/builder/builder-state';
import { type ConditionContext, conditionsSql } from '../../../contract/builder/condition-sql';
import { conditionsOf } from '../../../contract/builder/read-condition';
import { alternativesOf, partOf } from '../../../contract/builder/sql-parts';
import { isVariable } from '../../../contract/builder/sql-terms';
import { quoteName } from '../../../contract/sql/sql-names';
import { interpolateSql } from '../../shared/interpolation/interpolation';
import { referencesIn, type Templates, Variables } from '../../shared/interpolation/variables';

class StateInterpolation {
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;
  readonly #variables: Variables;

  constructor(templates: Templates, scoped: ScopedVars) {
    this.#templates = templates;
    this.#scoped = scoped;
    this.#variables = new Variables(templates, scoped);
  }

  sql(sql: string): string {
    return interpolateSql(sql, this.#templates, this.#scoped);
  }

  /** The text with the values of variables that have one value. The others stay. */
  text(text: string): string {
    return referencesIn(text).reduceRight((result, reference) => {
      const value = [this.#variables.valueOf(reference)].flat();
      const [only] = value;
      const isOne = value.length === 1 && (typeof only === 'string' || typeof only === 'number');
      return isOne ? result.slice(0, reference.start) + String(only) + result.slice(reference.end) : result;
    }, text);
  }

  /**
   * The conditions that the SQL of one condition has with the values. None if All is selected.
   *
   * @param table Name of the table, which decides whether names of levels are numbers.
   */
  conditions(condition: BuilderCondition, table: string, context: ConditionContext): BuilderCondition[] {
    const sql = conditionsSql([], [condition], context).join('');
    const before = referencesIn(table).length > 0 ? '' : `SELECT * FROM ${quoteName(table)} WHERE `;
    const interpolated = this.sql(before + sql).slice(before.length);
    if (interpolated === sql) {
      return [condition];
    }
    const part = partOf(interpolated);
    const read = part === undefined ? [{ raw: interpolated }] : conditionsOf(part, context);
    return read.filter((item) => !('raw' in item && isAlwaysTrue(item.raw)));
  }

  /** The state whose texts, apart from its conditions, have the values. */
  texts(state: BuilderState): BuilderState {
    const copy: BuilderState = cloneDeepWith(state, (value: unknown, key) =>
      typeof value !== 'string' ? undefined : key === 'raw' ? this.sql(value) : this.text(value)
    );
    return copy;
  }
}

/** True for the SQL that `interpolateSql` writes if All is selected. */
function isAlwaysTrue(sql: string): boolean {
  const part = partOf(sql);
  return (
    part !== undefined &&
    (part.matches('true') || (alternativesOf(part).length === 1 && part.slice(-6).matches('IN (NULL) IS NULL')))
  );
}

function withConditions<State extends BuilderState>(state: State, conditions: BuilderCondition[]): State {
  return { ...state, conditions };
}

/** The table to whose columns the conditions apply. */
function tableOf(state: BuilderState): string {
  switch (state.kind) {
    case 'logs':
      return 'log_entries';
    case 'table':
    case 'values':
      return state.table;
    default:
      return state.kind;
  }
}

/**
 * A measure and a unit that are one variable are compared with a list of its values, which the builder has no field
 * for.
 */
function withNames(state: BuilderState, interpolation: StateInterpolation): BuilderState {
  if (state.kind !== 'metrics') {
    return state;
  }
  const { name, unit } = state;
  const resolved = (text: string) => (isVariable(text) ? interpolation.text(text) : text);
  return { ...state, name: resolved(name), ...(unit !== undefined && { unit: resolved(unit) }) };
}

/**
 * @param templates The variables that are replaced.
 * @param scoped    Variables of the request. They have precedence over those of the dashboard.
 * @returns undefined if no state has the SQL of the query with these values, for example because a name has several
 *   values.
 */
export function interpolateState(
  state: BuilderState,
  templates: Templates,
  scoped: ScopedVars
): BuilderState | undefined {
  const interpolation = new StateInterpolation(templates, scoped);
  const context = conditionContext(state);
  const named = withNames(state, interpolation);
  const bare = withConditions(named, []);
  const changed = interpolation.texts(bare);
  const expected = partOf(interpolation.sql(builderQuery(bare).sql));
  if (expected?.matches(builderQuery(changed).sql) !== true) {
    return undefined;
  }
  return withConditions(
    changed,
    state.conditions.flatMap((condition) => interpolation.conditions(condition, tableOf(changed), context))
  );
}
