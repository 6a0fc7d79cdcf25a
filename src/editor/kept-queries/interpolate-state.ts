/**
 * Replaces dashboard variables in a state of the builder by their values. So a query still opens in the builder after
 * it was copied out of its dashboard.
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

  /** Replaces each variable that has exactly one value. Other variables stay in the string. */
  string(template: string): string {
    return referencesIn(template).reduceRight((result, reference) => {
      const value = [this.#variables.valueOf(reference)].flat();
      const [only] = value;
      const isOne = value.length === 1 && (typeof only === 'string' || typeof only === 'number');
      return isOne ? result.slice(0, reference.start) + String(only) + result.slice(reference.end) : result;
    }, template);
  }

  /**
   * Writes the condition as SQL, replaces variables, and reads the result back as conditions. Empty if the condition is
   * true for every row, because All is selected.
   *
   * @param table Name of the table. For a table with a column `level`, the SQL has the numbers of log levels in place
   * of their names.
   */
  conditions(condition: BuilderCondition, table: string, context: ConditionContext): BuilderCondition[] {
    const sql = conditionsSql([], [condition], context).join('');
    const prefix = referencesIn(table).length > 0 ? '' : `SELECT * FROM ${quoteName(table)} WHERE `;
    const interpolated = this.sql(prefix + sql).slice(prefix.length);
    if (interpolated === sql) {
      return [condition];
    }
    const part = partOf(interpolated);
    const read = part === undefined ? [{ raw: interpolated }] : conditionsOf(part, context);
    return read.filter((item) => !('raw' in item && isAlwaysTrue(item.raw)));
  }

  /** A copy of the state with variables replaced in each string. For conditions, use `conditions`. */
  withReplacedStrings(state: BuilderState): BuilderState {
    const copy: BuilderState = cloneDeepWith(state, (value: unknown, key) =>
      typeof value !== 'string' ? undefined : key === 'raw' ? this.sql(value) : this.string(value)
    );
    return copy;
  }
}

/** True for the SQL with which `interpolateSql` replaces a condition that is true for every row. */
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

/**
 * The table name for `conditions`. That method uses the name only to recognize tables with a column `level`. So for
 * kinds of queries on other tables, the name of the kind is enough.
 */
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
 * If the name or the unit of a measure is a single variable, the SQL compares with a list of values. The builder has no
 * field for a list, so this function replaces the variable by its value before the SQL is written.
 */
function withMeasureNames(state: BuilderState, interpolation: StateInterpolation): BuilderState {
  if (state.kind !== 'metrics') {
    return state;
  }
  const { name, unit } = state;
  const resolved = (template: string) => (isVariable(template) ? interpolation.string(template) : template);
  return { ...state, name: resolved(name), ...(unit !== undefined && { unit: resolved(unit) }) };
}

/**
 * The state with variables replaced by their values.
 *
 * @param templates The variables that are replaced.
 * @param scoped    Variables of the request. They have precedence over variables of the dashboard.
 * @returns undefined if the builder cannot express the query after the replacement, for example because a name has
 *   several values.
 */
export function interpolateState(
  state: BuilderState,
  templates: Templates,
  scoped: ScopedVars
): BuilderState | undefined {
  const interpolation = new StateInterpolation(templates, scoped);
  const context = conditionContext(state);
  const named = withMeasureNames(state, interpolation);
  const bare = withConditions(named, []);
  const changed = interpolation.withReplacedStrings(bare);
  const expected = partOf(interpolation.sql(builderQuery(bare).sql));
  if (expected?.matches(builderQuery(changed).sql) !== true) {
    return undefined;
  }
  return withConditions(
    changed,
    state.conditions.flatMap((condition) => interpolation.conditions(condition, tableOf(changed), context))
  );
}
