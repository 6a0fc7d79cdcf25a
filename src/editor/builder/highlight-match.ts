/**
 * Highlights the first entry that matches the typed text.
 *
 * Combobox shows the typed text as an entry before the matching options, and highlights this entry. So Enter after
 * `targ` would choose `targ` and not `target`. No prop of Combobox changes this. So `highlightMatch` sends the arrow
 * key, which moves the highlight to the first option. The typed text remains the entry above this option.
 */
import { fuzzySearch } from '@grafana/data';

/**
 * The index of the highlighted entry, or -1 if no entry is highlighted. Combobox gives entries the ids
 * `<list>-item-<index>`.
 */
function highlightedIndex(input: HTMLInputElement): number {
  const [, index] = /-item-(\d+)$/.exec(input.getAttribute('aria-activedescendant') ?? '') ?? [];
  return index === undefined ? -1 : Number(index);
}

/**
 * Moves the highlight from the typed text to the first option that matches it. Call this function after Combobox has
 * handled the typed text.
 *
 * @param names The options as the list shows them.
 */
export function highlightMatch(input: HTMLInputElement, names: string[]): void {
  const typed = input.value;
  // Combobox also filters its options with `fuzzySearch`, and shows the typed text as the first entry unless this text
  // is an option.
  const hasMatch = fuzzySearch(names, typed).length > 0;
  const wanted = hasMatch && !names.includes(typed) ? 1 : 0;
  for (let index = highlightedIndex(input); index < wanted; index++) {
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  }
}
