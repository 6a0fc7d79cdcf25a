/**
 * Names of time series from a template, such as `{{exe}} on {{computer}}`.
 *
 * `{{name}}` is replaced by the value of the label `name`, `{{column}}` by the name of the value column if there is no
 * label `column`. Other placeholders stay, so that users see a misspelled name. If a viewer groups by labels that are
 * not in the template, the values of these labels are appended. Paths of programs are shortened; the labels keep them.
 */
import { shortProgramNames } from '../../../contract/program-names';

/** Maximum length of a name, in UTF-16 units. Labels may have any length, and a template may repeat them. */
const MAX_NAME_LENGTH = 1000;

/** Labels that have the name of a program. */
const PROGRAM_LABELS: readonly string[] = ['exe', 'program', 'service'];

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

type Labels = Readonly<Record<string, string | undefined>>;

/** The template of one query. Any template is valid. Names have at most 1000 UTF-16 units. */
export class SeriesLegend {
  /** Strings at even indices, names of labels at odd indices. */
  readonly #parts: readonly string[];

  /** Labels that are appended to the template. */
  readonly #groups: readonly string[];

  /** Short names of programs, by the values of labels. */
  #programs: ReadonlyMap<string, string> = new Map();

  /** @param groups Labels by which the viewer groups. */
  constructor(template: string, groups: readonly string[] = []) {
    this.#parts = template.split(PLACEHOLDER);
    const named = this.#parts.filter((_part, index) => index % 2 === 1).map((part) => part.trim());
    this.#groups = groups.filter((group) => !named.includes(group));
  }

  /** Shortens the paths of programs in later names. @param series The labels of all series of the result. */
  shortenPrograms(series: ReadonlyArray<Labels | undefined>): void {
    const programs = series.flatMap((labels) => PROGRAM_LABELS.map((name) => labels && valueOf(name, '', labels)));
    this.#programs = shortProgramNames(programs.filter((program) => program !== undefined));
  }

  /**
   * The name of a series.
   *
   * @param column Name of the value column.
   * @returns undefined for an empty name, so that Grafana names the series.
   */
  nameOf(column: string, labels: Labels = {}): string | undefined {
    let name = '';
    for (let index = 0; index < this.#parts.length && name.length <= MAX_NAME_LENGTH; index++) {
      const part = this.#parts[index];
      name += index % 2 === 0 ? part : (this.#shownValue(part.trim(), column, labels) ?? `{{${part}}}`);
    }
    for (const group of this.#groups) {
      name +=
        Object.hasOwn(labels, group) && name.length <= MAX_NAME_LENGTH
          ? `, ${this.#shownValue(group, column, labels)}`
          : '';
    }
    const shown = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1).trimEnd()}…` : name.trim();
    return shown === '' ? undefined : shown;
  }

  #shownValue(name: string, column: string, labels: Labels): string | undefined {
    const value = valueOf(name, column, labels);
    return value === undefined || !PROGRAM_LABELS.includes(name) ? value : (this.#programs.get(value) ?? value);
  }
}

function valueOf(name: string, column: string, labels: Labels): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : name === 'column' ? column : undefined;
}
