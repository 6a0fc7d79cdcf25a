/** Makes an element of an SVG a button for mouse and keyboard. */
import { type KeyboardEvent, type SVGAttributes } from 'react';

/** The attributes of the element. @param name Name for screen readers. */
export function selectable(name: string, isSelected: boolean, onSelect: () => void): SVGAttributes<SVGGElement> {
  return {
    role: 'button',
    tabIndex: 0,
    'aria-label': name,
    'aria-pressed': isSelected,
    cursor: 'pointer',
    onClick: onSelect,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        onSelect();
      }
    },
  };
}
