/**
 * Highlights the first entry that matches the typed text.
 *
 * Combobox puts the typed text itself before the options that match it and highlights it, so that Enter after `targ` would
 * choose `targ` and not `target`. Its props do not change that order. The arrow key moves the highlight to the first option;
 * the typed text remains the entry above it.
 */

/** Combobox names its entries `<list>-item-<index>`. Returns -1 without a highlighted entry. */
function highlightedIndex(input: HTMLInputElement): number {
  const [, index] = /-item-(\d+)$/.exec(input.getAttribute('aria-activedescendant') ?? '') ?? [];
  return index === undefined ? -1 : Number(index);
}

function entryCount(input: HTMLInputElement): number {
  const list = document.getElementById(input.getAttribute('aria-controls') ?? '');
  return list?.querySelectorAll('[role="option"]').length ?? 0;
}

/**
 * Call it after the list shows the entries for the typed text.
 *
 * @param hasTyped True if the first entry is the typed text.
 */
export function highlightMatch(input: HTMLInputElement, hasTyped: boolean): void {
  const wanted = hasTyped && entryCount(input) > 1 ? 1 : 0;
  for (let index = highlightedIndex(input); index < wanted; index++) {
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  }
}
