/**
 * Inserts the values of dashboard variables into SQL.
 *
 * Saved dashboards depend on the formats of values (`variable-format.ts`). Other rules apply in comments, in `IN` lists
 * and in comparisons (`compared-values.ts`). Each reference is replaced separately, so a value is never read as a
 * reference.
 */
import { type ScopedVars } from '@grafana/data';
import { countBelowBy } from '../../../contract/ascending-list';
import { StringSet } from '../../../contract/string-map';
import { type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { applyEdits, type EditedSql, type SqlEdit } from '../../../contract/sql/sql-edits';
import { comparedSql, type Replacement, type RightSide, severalValues } from './compared-values';
import { type SqlCall, callsIn } from '../sql/calls';
import { type Comparison, Conditions, type InList } from './conditions';
import { hasLevelName, LevelComparisons, withLevelNumbers } from './level-values';
import { formatInside, replacement } from './variable-format';
import { type Reference, referencesIn, type Templates, Variables, wholeReference } from './variables';

/** A range of the SQL that is replaced. */
interface Range {
  start: number;
  end: number;
}

/** The range of a reference to a variable. */
type Gap = Range & Pick<Reference, 'name'>;

type Edit = Required<SqlEdit>;

/**
 * Maximum number of characters in all copies of left sides. Each LIKE in the left side of another LIKE multiplies the
 * length of the SQL. The backend rejects SQL of this length.
 */
const MAX_COPIED = 2 * 1024 * 1024;

function editOf(start: number, end: number, sql: string): Edit {
  return { at: start, removed: end - start, sql };
}

/** The reference that is the whole of an argument, with or without quotes. Undefined for other arguments. */
function referenceOf(argument: string): Reference | undefined {
  return wholeReference(argument.trim().replace(/^(['"])(.*)\1$/s, '$2'));
}

/** Replaces the references to variables in the SQL of one query. */
class Interpolation {
  readonly #sql: string;
  readonly #tokens: SqlToken[];
  /** The tokens without comments. */
  readonly #code: readonly SqlToken[];
  /** Undefined before the first value that is the name of a level. */
  #levels: LevelComparisons | undefined;
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;
  readonly #variables: Variables;
  readonly #conditions: Conditions;
  /** Number of characters that may still be copied. */
  #copies = MAX_COPIED;
  /** In the order of their offsets. */
  readonly #edits: Edit[] = [];
  /** Names of the variables that left a gap in the SQL, because they have no value. */
  readonly gaps = new StringSet();

  constructor(sql: string, templates: Templates, scoped: ScopedVars) {
    this.#sql = sql;
    this.#tokens = tokenizeSql(sql).filter(
      ({ kind, raw }) => kind !== 'comment' || raw.includes('$') || raw.includes('[[')
    );
    this.#code = this.#tokens.filter(({ kind }) => kind !== 'comment');
    this.#templates = templates;
    this.#scoped = scoped;
    this.#variables = new Variables(templates, scoped);
    this.#conditions = new Conditions(this.#tokens);
  }

  run(): EditedSql {
    const resolved = this.#resolvedConditions();
    const references = referencesIn(this.#sql);
    const indexes = this.#indexesOf(references);
    let next = 0;
    let resolvedEnd = 0;
    references.forEach((reference, position) => {
      // Each edit in `resolved` starts before a reference, so the loop over the references writes all of them.
      for (; next < resolved.length && resolved[next].at <= reference.start; next++) {
        this.#edits.push(resolved[next]);
        resolvedEnd = resolved[next].at + resolved[next].removed;
      }
      if (resolvedEnd <= reference.start) {
        const index = indexes[position];
        const isOnly = indexes[position - 1] !== index && indexes[position + 1] !== index;
        this.#replace(reference, index, isOnly);
      }
    });
    return applyEdits(this.#sql, this.#edits);
  }

  /** For each reference, the index of the token that contains it. */
  #indexesOf(references: readonly Reference[]): number[] {
    let next = 0;
    return references.map(({ start }) => {
      while (next < this.#tokens.length && this.#tokens[next].end <= start) {
        next++;
      }
      return next;
    });
  }

  #edit(start: number, end: number, sql: string): void {
    this.#edits.push(editOf(start, end, sql));
  }

  /**
   * The edits that replace `$__conditionalAll(condition, $var)`, in the order of their offsets. The backend cannot do
   * this, because it does not know the variables.
   */
  #resolvedConditions(): Edit[] {
    const macros = this.#code.filter(({ raw }) => raw === '$__conditionalAll');
    const calls = macros.length === 0 ? undefined : callsIn(this.#code);
    const edits: Edit[] = [];
    let removedEnd = 0;
    this.#code.forEach((token, index) => {
      const isMacro = token.raw === '$__conditionalAll' && token.start >= removedEnd;
      const call = isMacro ? calls?.get(index + 1) : undefined;
      const isAll = call?.commas.length === 1 ? this.#isAllCondition(call) : undefined;
      if (call === undefined || isAll === undefined) {
        return;
      }
      const { open, commas, close } = call;
      if (isAll) {
        edits.push(editOf(token.start, close.end, 'true'));
        removedEnd = close.end;
      } else {
        edits.push(editOf(token.start, open.end, '('), editOf(commas[0].start, close.start, ''));
      }
    });
    return edits.sort((a, b) => a.at - b.at);
  }

  /** True if All is selected in the variable of a `$__conditionalAll`. Undefined if the variable is unknown. */
  #isAllCondition({ commas: [comma], close }: SqlCall): boolean | undefined {
    const reference = referenceOf(this.#sql.slice(comma.end, close.start));
    return reference !== undefined && this.#variables.isKnown(reference)
      ? this.#variables.isAllSelected(reference)
      : undefined;
  }

  /**
   * @param index  Index of the token that contains the reference.
   * @param isOnly True if the token contains no other reference.
   */
  #replace(reference: Reference, index: number, isOnly: boolean): void {
    const token = this.#tokens[index];
    if (token?.kind === 'comment') {
      // A value with a line break would end the comment.
      return;
    }
    const { start, end } = this.#placeOf(reference, token);
    if (this.#replaceCompared(reference, index, isOnly)) {
      return;
    }
    const canBeAll = reference.format === undefined || /^(sqlstring|singlequote)$/.test(reference.format);
    if (canBeAll && this.#tokens[index - 1]?.raw === '(' && this.#variables.isEverythingSelected(reference)) {
      const list = this.#listAround(index, end);
      if (list?.close !== undefined && list.isCondition && !list.isNegated) {
        // The list of all values may have thousands of entries, so the condition is made true for every row.
        this.#replaceByTrue(start, end, list.close);
        return;
      }
    }
    const convert = this.#isLevel(reference, index) ? withLevelNumbers : (value: unknown) => value;
    const replaced = replacement(reference, formatInside(this.#sql, token), this.#templates, this.#scoped, convert);
    const isString = token?.kind === 'string';
    const isWhole = !isString || start < reference.start;
    const isNothing = replaced === '' && isWhole && this.#variables.isNothingSelected(reference, isString);
    const list = isNothing ? this.#listAround(index, end) : undefined;
    if (list !== undefined) {
      this.#replaceEmptyList({ start, end, name: reference.name }, list);
    } else if (replaced === '' && !isString) {
      this.#leaveGap(reference);
    } else if (replaced !== reference.raw) {
      this.#edit(reference.start, reference.end, replaced);
    }
  }

  #leaveGap({ start, end, name }: Gap): void {
    this.gaps.add(name);
    this.#edit(start, end, '');
  }

  /** True if the variable is compared with levels, and one of its values is the name of a level. */
  #isLevel(reference: Reference, index: number): boolean {
    if (!hasLevelName(this.#variables.valueOf(reference))) {
      return false;
    }
    this.#levels ??= new LevelComparisons(this.#code);
    return this.#levels.has(this.#tokens[index]);
  }

  /** Replaces a comparison whose right side is the variable. @returns False if inserting the value is enough. */
  #replaceCompared(reference: Reference, index: number, isOnly: boolean): boolean {
    const token = this.#tokens[index];
    const isString = token?.kind === 'string';
    const isPlainString = isString && token.raw.startsWith("'") && token.isClosed;
    if (isString ? !isPlainString || !isOnly : token?.kind === 'quoted-name') {
      return false;
    }
    const { end } = isString ? token : reference;
    const comparison = this.#conditions.comparisonAround(index, this.#indexAfter(index, end));
    const selection = comparison === undefined ? undefined : this.#variables.selectionOf(reference, isString);
    if (comparison === undefined || selection === undefined) {
      return false;
    }
    const side: RightSide = {
      name: reference.name,
      format: reference.format,
      isString,
      before: isString ? this.#sql.slice(token.start + 1, reference.start) : '',
      after: isString ? this.#sql.slice(reference.end, token.end - 1) : '',
    };
    const values = this.#isLevel(reference, index) ? selection.values.map(withLevelNumbers) : selection.values;
    const replaced = comparedSql(comparison, side, { ...selection, values });
    if (replaced !== undefined) {
      this.#writeComparison(comparison, side, replaced);
    }
    return replaced !== undefined;
  }

  #writeComparison(comparison: Comparison, side: RightSide, replaced: Replacement): void {
    const { operandStart, operandEnd, end } = comparison;
    if ('tail' in replaced) {
      this.#edit(operandEnd, end, replaced.tail);
      return;
    }
    // The newest edits may belong to the left side of the comparison.
    const before = countBelowBy(this.#edits.length, operandStart, (index) => this.#edits[index].at);
    const [first, ...others] = replaced.tails;
    const operand = this.#copied(comparison, before, others.length);
    if (operand === undefined) {
      this.#edit(operandEnd, end, severalValues(comparison, side));
      return;
    }
    const rest = others.map((tail) => ` ${replaced.joiner} ${operand}${tail}`).join('');
    this.#edits.splice(before, 0, editOf(operandStart, operandStart, '('));
    this.#edit(operandEnd, end, `${first}${rest})`);
  }

  /**
   * The left side of a comparison, with its edits. Undefined if its copies are too long.
   *
   * @param before Number of the edits before the left side.
   * @param count  Number of copies.
   */
  #copied({ operandStart, operandEnd }: Comparison, before: number, count: number): string | undefined {
    // Edits lengthen the left side, except for edits of `$__conditionalAll` and of empty variables.
    this.#copies -= (operandEnd - operandStart) * count;
    if (this.#copies < 0) {
      return undefined;
    }
    const moved = this.#edits.slice(before).map((edit) => ({ ...edit, at: edit.at - operandStart }));
    const { sql } = applyEdits(this.#sql.slice(operandStart, operandEnd), moved);
    this.#copies -= Math.max(0, sql.length - (operandEnd - operandStart)) * count;
    return this.#copies < 0 ? undefined : sql;
  }

  /** Makes `operand IN (list)` true for every row, even if the operand is NULL. */
  #replaceByTrue(start: number, end: number, close: SqlToken): void {
    this.#edit(start, end, 'NULL');
    this.#edit(close.end, close.end, ' IS NULL');
  }

  /**
   * Replaces an empty list, because the server rejects `IN ()`. `IN` becomes true for no row. `NOT IN` becomes true for
   * every row if the variable is the only item and the condition stands alone. In all other cases, the variable leaves
   * a gap.
   */
  #replaceEmptyList(gap: Gap, { close, isNegated, isCondition }: InList): void {
    const { start, end } = gap;
    if (!isNegated) {
      this.#edit(start, end, 'NULL');
    } else if (close !== undefined && isCondition) {
      this.#replaceByTrue(start, end, close);
    } else {
      // With NULL in the list, NOT IN would be true for no row. An error of the server is better than a wrong result.
      this.#leaveGap(gap);
    }
  }

  /** The range of the reference. Includes the quotes of a string that has no other content. */
  #placeOf({ start, end, raw }: Reference, token: SqlToken | undefined): Range {
    return token?.kind === 'string' && token.raw === `'${raw}'` ? token : { start, end };
  }

  /** The list of `IN` that contains the SQL from the token at `index` up to `end`. */
  #listAround(index: number, end: number): InList | undefined {
    return this.#conditions.inListAround(index, this.#indexAfter(index, end));
  }

  /** Index of the first token from `index` on that begins at the offset `end` or later. */
  #indexAfter(index: number, end: number): number {
    let next = index;
    while (next < this.#tokens.length && this.#tokens[next].start < end) {
      next++;
    }
    return next;
  }
}

/**
 * The SQL with the values of variables. The result also maps offsets back to the author's SQL.
 *
 * @param scoped Variables of the request. They have precedence over the variables of the dashboard.
 */
export function interpolatedSql(sql: string, templates: Templates, scoped: ScopedVars = {}): EditedSql {
  return new Interpolation(sql, templates, scoped).run();
}

/**
 * Names of the variables that have no value and leave a gap in the SQL, such as `LIMIT $rows`. Empty strings in quotes,
 * and lists of `IN` that became conditions, are no gaps.
 */
export function gapsOf(sql: string, templates: Templates, scoped: ScopedVars = {}): string[] {
  const interpolation = new Interpolation(sql, templates, scoped);
  interpolation.run();
  return [...interpolation.gaps];
}

/** The SQL with the values of variables. Macros are kept, except `$__conditionalAll`. */
export function interpolateSql(sql: string, templates: Templates, scoped: ScopedVars = {}): string {
  return interpolatedSql(sql, templates, scoped).sql;
}
