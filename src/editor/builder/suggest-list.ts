/**
 * The entries of one control with suggestions: the suggestions that match the typed text, and this text as the last
 * entry.
 *
 * Combobox adds the typed text as the first entry, unless an entry has this value. It searches fixed lists by itself,
 * and orders their entries by their similarity, so it always gets a function. When the user types, Combobox shows the
 * list for the previous text until the function has responded. So `SuggestList` keeps this list, and changes its
 * entries when the user types. Combobox reads the entries again, because the typed text has changed.
 */
import { fuzzySearch } from '@grafana/data';
import { t } from '@grafana/i18n';
import { type Option } from './suggestions';

export type Options = Option[] | ((search: string) => Promise<Option[]>);

export const customLabel = () => t('builder.custom-value', 'Use this text');

/** The options whose names match the text, the best match first. */
function search(options: readonly Option[], typed: string): Option[] {
  const names = options.map(({ value, label }) => label ?? value);
  return fuzzySearch(names, typed).map((index) => options[index]);
}

/**
 * The typed text as an entry. Combobox shows entries of one group together, in the order in which the groups first
 * occur, so the entry needs the last group if there are options with and without a group.
 */
function typedEntry(options: readonly Option[], typed: string): Option {
  const groups = [...new Set<string | undefined>(options.map(({ group }) => group))];
  const group = groups.includes(undefined) ? groups.at(-1) : undefined;
  return { value: typed, label: typed, description: customLabel(), ...(group !== undefined && { group }) };
}

/**
 * The options without a heading that all of them have. Combobox keeps the heights of entries until their number
 * changes, so the list would cut off an entry that gets a heading.
 */
function withoutSharedHeading(options: readonly Option[]): readonly Option[] {
  const isShared = options.every(({ group }) => group === options[0].group);
  return isShared ? options.map(({ group: _heading, ...option }) => option) : options;
}

export class SuggestList {
  #options: Options = [];
  #chosen = '';
  #typed = '';
  /** The suggestions that have arrived, and the text for which they were requested. */
  #found: Option[] = [];
  #foundFor: string | undefined;
  /** The entries that Combobox shows. */
  #shown: Option[] = [];
  #loads = 0;

  /**
   * @param options A fixed list, or a function that returns the suggestions for a text.
   * @param chosen The value of the control. It is the first entry of a fixed list until the user types, because Enter
   *   chooses the first entry.
   */
  update(options: Options, chosen: string): void {
    this.#options = options;
    this.#chosen = chosen;
    if (typeof options !== 'function' && this.#foundFor !== undefined) {
      this.#found = options;
      this.#show();
    }
  }

  get typed(): string {
    return this.#typed;
  }

  /** True if suggestions for the typed text may still arrive. */
  get isLoading(): boolean {
    return this.#foundFor === undefined || (typeof this.#options === 'function' && this.#foundFor !== this.#typed);
  }

  /** Call it before Combobox handles the typed text. */
  type(typed: string): void {
    this.#typed = typed;
    this.#show();
  }

  /** The function that Combobox gets. It calls this function when the list opens, and when the user has typed. */
  async load(typed: string): Promise<Option[]> {
    const load = ++this.#loads;
    const options = this.#options;
    this.#typed = typed;
    try {
      const found = typeof options === 'function' ? await options(typed) : options;
      if (load === this.#loads) {
        this.#found = found;
        // Combobox ignores a list that it has got before.
        this.#shown = [];
      }
    } finally {
      if (load === this.#loads) {
        this.#foundFor = typed;
        this.#show();
      }
    }
    return this.#shown;
  }

  #show(): void {
    const matches = this.#typed === '' ? this.#matches() : withoutSharedHeading(this.#matches());
    const isCustom = this.#typed !== '' && matches.every(({ value }) => value !== this.#typed);
    this.#shown.splice(0, Infinity, ...matches, ...(isCustom ? [typedEntry(matches, this.#typed)] : []));
  }

  #matches(): Option[] {
    if (this.#typed === '') {
      const isChosen = ({ value }: Option) => typeof this.#options !== 'function' && value === this.#chosen;
      return [...this.#found.filter(isChosen), ...this.#found.filter((option) => !isChosen(option))];
    }
    return this.#foundFor === this.#typed && typeof this.#options === 'function'
      ? this.#found
      : search(this.#found, this.#typed);
  }
}
