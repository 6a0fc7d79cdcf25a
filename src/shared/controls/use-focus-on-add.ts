/**
 * Moves the focus to the control that the user has to fill in, for example in a new row. Keeps the focus in a list when
 * the user removes or moves a row.
 */
import { type RefObject, useEffect, useRef } from 'react';

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controlsIn(list: HTMLElement | null): Control[] {
  return [...(list?.querySelectorAll<Control>('input:not([type="hidden"]), textarea, select') ?? [])];
}

/** Focuses the first empty control in an element. If all controls have a value, focuses the first control. */
export function focusEmptyControl(element: Element | null | undefined): void {
  const controls = element instanceof HTMLElement ? controlsIn(element) : [];
  (controls.find(({ value }) => value === '') ?? controls[0])?.focus();
}

interface FocusOnAdd {
  /** The element that contains the rows. */
  list: RefObject<HTMLDivElement>;
  /** Call it before a row is added, for example in the capture phase of the click on the button. */
  beforeAdd: () => void;
}

/**
 * Focuses the first empty control of an added row. If all its controls have a value, focuses the first control.
 *
 * @param count The number of rows. Only a row that the user added changes the focus.
 */
export function useFocusOnAdd(count: number): FocusOnAdd {
  const list = useRef<HTMLDivElement>(null);
  const before = useRef<{ count: number; controls: readonly Control[] }>();
  useEffect(() => {
    const { current } = before;
    before.current = undefined;
    if (current !== undefined && count > current.count) {
      const added = controlsIn(list.current).filter((control) => !current.controls.includes(control));
      (added.find(({ value }) => value === '') ?? added[0])?.focus();
    }
  }, [count]);
  return { list, beforeAdd: () => (before.current = { count, controls: controlsIn(list.current) }) };
}

/**
 * When the user removes the row with the focus, the focus moves to the last button of the list, which adds a row. If
 * nothing had the focus, the next Tab would begin at the top of the page, and keys would reach Grafana's single-key
 * shortcuts.
 *
 * @param list  The element that contains the rows.
 * @param count The number of rows.
 * @returns A function to call when the button that removes a row was pressed, before the row is removed.
 */
export function useFocusOnRemove(list: RefObject<HTMLElement>, count: number): () => void {
  const isPressed = useRef(false);
  useEffect(() => {
    if (isPressed.current && document.activeElement === document.body) {
      [...(list.current?.querySelectorAll('button') ?? [])].at(-1)?.focus();
    }
    isPressed.current = false;
  }, [list, count]);
  return () => {
    isPressed.current = true;
  };
}

/**
 * When the user presses a checkbox that moves its row, the checkbox keeps the focus. Without this hook, the focus could
 * go to the row that takes the place of the moved row, and the next Space would change the wrong row.
 *
 * @param list     The element that contains the rows.
 * @param sections Number of rows in each section of the list. A row moves to the end of another section.
 * @returns A function to call before a row is moved, with the new position of the row, from 0.
 */
export function useFocusOnMove(list: RefObject<HTMLElement>, sections: readonly number[]): (position: number) => void {
  const target = useRef<number>();
  const counts = sections.join(' ');
  useEffect(() => {
    const { current } = target;
    target.current = undefined;
    if (current !== undefined) {
      list.current?.querySelectorAll<HTMLElement>('input[type="checkbox"]')[current]?.focus();
    }
  }, [list, counts]);
  return (position) => {
    target.current = position;
  };
}
