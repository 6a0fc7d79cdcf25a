/** When the user has clicked on a kind of query, moves the focus to the empty field that this kind needs. */
import { type HTMLAttributes, useEffect, useRef } from 'react';
import { type BuilderState } from '../../../contract/builder/builder-state';

/** Ids of the fields that get the focus, by kind. The ids do not contain the prefix of the editor. */
const NEEDED_FIELDS: Partial<Record<BuilderState['kind'], string>> = {
  metrics: 'measure',
  spans: 'process',
  table: 'table',
};

interface FocusOnKind {
  /** Properties of the element that contains the list of kinds. */
  listEvents: HTMLAttributes<HTMLElement>;
  /** Call it when the user has chosen a kind. */
  afterChoice: () => void;
}

/**
 * Sets the focus after a click on a kind. A kind that was chosen with the arrow keys leaves the focus in the list of
 * kinds, so that the next key press reaches the next kind.
 */
export function useFocusOnKind(kind: BuilderState['kind'] | undefined, idPrefix: string): FocusOnKind {
  const usesPointer = useRef(false);
  const isChosen = useRef(false);
  useEffect(() => {
    const field = kind === undefined ? undefined : NEEDED_FIELDS[kind];
    if (isChosen.current && field !== undefined) {
      const control = document.getElementById(`${idPrefix}-${field}`);
      if (control instanceof HTMLInputElement && control.value === '') {
        control.focus();
      }
    }
    isChosen.current = false;
  }, [kind, idPrefix]);
  return {
    listEvents: {
      onPointerDownCapture: () => (usesPointer.current = true),
      onKeyDownCapture: () => (usesPointer.current = false),
    },
    afterChoice: () => (isChosen.current = usesPointer.current),
  };
}
