/**
 * Replaces dashboard variables in requests of queries without SQL. Strings may contain variables. In a list of strings,
 * each value of a variable becomes an entry.
 */
import { type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { get } from 'lodash';
import { MAX_CONDITIONS } from '../../../contract/query-types/traces';
import { hasReference } from './attribute-values';

export type Templates = Pick<TemplateSrv, 'replace' | 'getVariables'>;

/** Matches a string that consists of one variable, and captures the name. */
const ONE_REFERENCE = /^(?:\$(\w+)|\$\{(\w+)\}|\[\[(\w+)\]\])$/;
/** Stands before and after the placeholder of a variable. The placeholder is the index of the values in `lists`. */
const MARK = '\0';

/** Inserts values into the strings of one request. */
export class Strings {
  readonly #templates: Templates;
  readonly #scoped: ScopedVars;

  constructor(templates: Templates, scoped: ScopedVars) {
    this.#templates = templates;
    this.#scoped = scoped;
  }

  /** The string with values inserted. Several values of a variable are separated by commas. */
  one<T extends string | undefined>(string: T): T | string {
    return string === undefined || !hasReference(string)
      ? string
      : this.#templates.replace(string, this.#scoped, (value: unknown) => String(value ?? ''));
  }

  /**
   * The entries. An entry with variables becomes one entry for each value, but at most `MAX_CONDITIONS + 1` entries. So
   * the backend still rejects a list that is too long. If All is selected and the list is too long, the result is
   * undefined, which means no restriction.
   */
  list(values: string[] | undefined): string[] | undefined {
    const entries = values?.flatMap((value) => this.#each(value));
    const isTooLong = (entries?.length ?? 0) > MAX_CONDITIONS;
    return isTooLong && values?.some((value) => this.#isAll(value)) ? undefined : entries;
  }

  /**
   * True for a variable with All selected. False in a panel that is repeated for one value of the variable.
   */
  #isAll(string: string): boolean {
    const [, ...names] = ONE_REFERENCE.exec(string) ?? [];
    const name = names.find((each) => each !== undefined);
    const model = this.#templates.getVariables().find((variable) => variable.name === name);
    const current: unknown = model !== undefined && 'current' in model ? model.current : undefined;
    const value: unknown = name !== undefined && this.#scoped[name] === undefined ? get(current, 'value') : undefined;
    return [value].flat()[0] === '$__all';
  }

  #each(string: string): string[] {
    if (!hasReference(string)) {
      return [string];
    }
    const lists: string[][] = [];
    const marked = this.#templates.replace(string.replaceAll(MARK, ''), this.#scoped, (value: unknown) => {
      const values: unknown[] = Array.isArray(value) ? value : [value ?? ''];
      return `${MARK}${lists.push(values.map(String)) - 1}${MARK}`;
    });
    // The parts at odd positions are indexes in `lists`.
    return marked.split(MARK).reduce<string[]>(
      (starts, part, index) => {
        const parts = index % 2 === 0 ? [part] : lists[Number(part)];
        return starts.flatMap((start) => parts.map((next) => start + next)).slice(0, MAX_CONDITIONS + 1);
      },
      ['']
    );
  }
}
