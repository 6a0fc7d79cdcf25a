/** Connects the list of a control with suggestions to Combobox or MultiCombobox. */
import { type KeyboardEvent, type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import { customLabel, type Options, SuggestList } from './suggest-list';
import { type Option } from './suggestions';

/** Number of the highlighted entry, or -1. Combobox gives entries the ids `<list>-item-<number>`. */
function highlighted(input: HTMLInputElement): number {
  const [, index] = /-item-(\d+)$/.exec(input.getAttribute('aria-activedescendant') ?? '') ?? [];
  return index === undefined ? -1 : Number(index);
}

const isOpen = (input: HTMLInputElement) => input.getAttribute('aria-expanded') === 'true';

function press(input: HTMLInputElement, key: 'ArrowDown' | 'Enter'): void {
  input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}

/** Text in an open list, since its last change. */
interface Typing {
  input: HTMLInputElement;
  /** True if the user has moved the highlight. */
  hasMoved: boolean;
  /** True if the user has pressed Enter while suggestions could still arrive. */
  waits: boolean;
}

/**
 * Highlights the first entry of a MultiCombobox, which does not do that by itself, and then presses Enter if Enter has
 * waited for the suggestions.
 */
function finish(typing: Typing): void {
  const { input } = typing;
  if (!isOpen(input)) {
    return;
  }
  if (highlighted(input) === -1) {
    press(input, 'ArrowDown');
    // MultiCombobox handles a key in its next render.
    setTimeout(() => highlighted(input) !== -1 && finish(typing), 0);
  } else if (typing.waits) {
    typing.waits = false;
    press(input, 'Enter');
  }
}

/**
 * @param options A fixed list, or a function that returns the suggestions for a text.
 * @param chosen The value of a control with one value.
 * @returns `list`: props of Combobox or MultiCombobox. `handlers`: props of an element around it.
 */
export function useSuggestList(options: Options, chosen = '') {
  const [list] = useState(() => new SuggestList());
  const typing = useRef<Typing>(undefined);
  const [loads, setLoads] = useState(0);
  // Fixed lists get entries later, for example the keys of properties.
  const entries = typeof options === 'function' ? '' : JSON.stringify(options);
  const [edition, setEdition] = useState({ entries, isOdd: false });
  if (edition.entries !== entries) {
    setEdition({ entries, isOdd: !edition.isOdd });
  }
  list.update(options, chosen);
  useEffect(() => {
    if (typing.current !== undefined && list.typed !== '' && !list.isLoading) {
      finish(typing.current);
    }
  }, [list, loads]);
  const load = useCallback(
    async (search: string): Promise<Option[]> => {
      try {
        return await list.load(search);
      } finally {
        // React renders this together with the list that Combobox gets.
        setLoads((count) => count + 1);
      }
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a new function makes a list read its options again
    [list, entries]
  );
  const isReady = (input: HTMLInputElement) => !list.isLoading && highlighted(input) !== -1;
  const onInput = ({ target }: FormEvent) => {
    if (target instanceof HTMLInputElement) {
      list.type(target.value);
      typing.current = { input: target, hasMoved: false, waits: false };
    }
  };
  const onKeyDownCapture = (event: KeyboardEvent) => {
    const current = typing.current;
    if (current === undefined || event.target !== current.input || !isOpen(current.input)) {
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      current.hasMoved = event.nativeEvent.isTrusted || current.hasMoved;
    } else if (event.key === 'Enter' && list.typed !== '' && !current.hasMoved && !isReady(current.input)) {
      event.preventDefault();
      event.stopPropagation();
      current.waits = true;
    }
  };
  return {
    list: {
      options: load,
      createCustomValue: true,
      // Combobox also reads the entries again when this text changes. The user sees the text only until the first load.
      customValueDescription: edition.isOdd ? `${customLabel()} ` : customLabel(),
    } as const,
    handlers: { onInput, onKeyDownCapture, onBlur: () => (typing.current = undefined) },
  };
}
