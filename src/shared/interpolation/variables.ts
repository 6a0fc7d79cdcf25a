/** The references to dashboard variables in SQL, and the selected values of the variables. */
import { type ScopedVars, type TypedVariableModel } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { StringMap } from '../../../contract/string-map';
import { listsAllValues } from './all-values';
import { type Selection } from './compared-values';

export type Templates = Pick<TemplateSrv, 'replace' | 'getVariables'>;

/** The notations that Grafana replaces: `$name`, `[[name:format]]`, `${name.field:format}`. */
const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/** A reference to a variable in SQL. Offsets are UTF-16 units, the end exclusive. */
export interface Reference {
  raw: string;
  start: number;
  end: number;
  name: string;
  /** The same reference without a format. */
  bare: string;
  format: string | undefined;
}

const WHOLE_REFERENCE = new RegExp(`^(?:${REFERENCE.source})$`);

function referenceFrom(match: RegExpExecArray): Reference {
  const [raw, plain, bracketed, bracketFormat, braced, field, braceFormat] = match;
  const name = plain ?? bracketed ?? braced;
  const format = bracketFormat ?? braceFormat;
  return {
    raw,
    start: match.index,
    end: match.index + raw.length,
    name,
    bare: format === undefined ? raw : `\${${field === undefined ? name : `${name}.${field}`}}`,
    format,
  };
}

/** The references in a string, in order. Includes references to unknown variables. */
export function referencesIn(sql: string): Reference[] {
  return [...sql.matchAll(REFERENCE)].map(referenceFrom);
}

/** The reference that is the whole of a string. Undefined for other strings. */
export function wholeReference(sql: string): Reference | undefined {
  const match = WHOLE_REFERENCE.exec(sql);
  return match === null ? undefined : referenceFrom(match);
}

/** The part of Grafana's variable models that is needed here. The types of some variables lack some fields. */
interface VariableModel {
  name: string;
  type?: string;
  current?: { value?: unknown };
  allValue?: string | null;
  multi?: boolean;
  includeAll?: boolean;
  regex?: string;
  query?: unknown;
}

function isAll(value: unknown): boolean {
  return value === '$__all' || (Array.isArray(value) && value[0] === '$__all');
}

/** Reads the values and the settings of the variables of a request. */
export class Variables {
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;
  readonly #models: ReadonlyMap<string, VariableModel>;
  /**
   * The results of `isEverythingSelected`, by reference without format. For each result, the query of a variable is
   * read.
   */
  readonly #everything = new StringMap<boolean>();

  constructor(templates: Templates, scoped: ScopedVars) {
    this.#templates = templates;
    this.#scoped = scoped;
    this.#models = new StringMap(templates.getVariables().map((model: TypedVariableModel) => [model.name, model]));
  }

  /** True if the variable has a value in this request. */
  isKnown({ bare }: Reference): boolean {
    return this.#templates.replace(bare, this.#scoped, () => '') !== bare;
  }

  /**
   * All values if All is selected. Undefined if All is not selected, if the author has set a custom all value, and in a
   * panel that is repeated for one value of the variable.
   */
  #selectedByAll({ name, bare }: Reference): unknown[] | undefined {
    const model = this.#models.get(name);
    if (this.#scoped[name] !== undefined || !isAll(model?.current?.value) || (model?.allValue ?? '') !== '') {
      return undefined;
    }
    return this.#listOf(bare);
  }

  /**
   * The value of the variable, or the list of its values. Undefined if the variable has no value in this request, or if
   * All is selected and the author has set a custom all value.
   */
  valueOf({ bare }: Pick<Reference, 'bare'>): unknown {
    let found: unknown;
    this.#templates.replace(bare, this.#scoped, (value: unknown) => {
      found = value;
      return '';
    });
    return found;
  }

  #listOf(bare: string): unknown[] | undefined {
    const value = this.valueOf({ bare });
    return Array.isArray(value) ? value : undefined;
  }

  /**
   * The selected values of a variable. Undefined if the variable has no value in this request, or if All is selected
   * and the author has set a custom all value. An empty string means that no value is selected. But an empty string in
   * quotes or with a format is an ordinary value, for which the result is undefined.
   */
  selectionOf(reference: Reference, isQuoted: boolean): Selection | undefined {
    const value = this.valueOf(reference);
    const isEmpty = value === '' && !isQuoted && reference.format === undefined;
    if (value === undefined || value === null || (value === '' && !isEmpty)) {
      return undefined;
    }
    const { type, multi, includeAll } = this.#models.get(reference.name) ?? {};
    return {
      values: isEmpty ? [] : Array.isArray(value) ? value : [value],
      isAll: this.isAllSelected(reference),
      isEverything: this.isEverythingSelected(reference),
      isData: type === 'query' && (multi === true || includeAll === true),
    };
  }

  /** True if All is selected and stands for a list of values. */
  isAllSelected(reference: Reference): boolean {
    return this.#selectedByAll(reference) !== undefined;
  }

  /**
   * True for a list without values, and for an empty string if the reference has no quotes. If the query of a variable
   * returns no values, the value of the variable is an empty string.
   */
  isNothingSelected(reference: Reference, isQuoted: boolean): boolean {
    const value = this.valueOf(reference);
    return Array.isArray(value) ? value.length === 0 : value === '' && !isQuoted;
  }

  /**
   * True if All is selected in a variable that lists all values. False if its query, a regular expression or another
   * variable restricts the values, or if the variable has no query.
   */
  isEverythingSelected(reference: Reference): boolean {
    const values = this.#selectedByAll(reference);
    if (values === undefined) {
      return false;
    }
    const known = this.#everything.get(reference.bare) ?? this.#listsAll(reference.name, values.length);
    this.#everything.set(reference.bare, known);
    return known;
  }

  /** True if the variable lists all values. @param count Number of its values. */
  #listsAll(name: string, count: number): boolean {
    const { type, regex, query } = this.#models.get(name) ?? {};
    const isRestricted =
      type !== 'query' ||
      (regex ?? '') !== '' ||
      referencesIn(JSON.stringify(query ?? '')).some((reference) => this.#models.has(reference.name));
    return !isRestricted && listsAllValues(query, count);
  }
}
