import { createEvent, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { EditorRoot } from './EditorRoot';

const EVENTS = ['keyDown', 'keyPress', 'keyUp'] as const;

/** Presses a key on a button of the editor. Returns the names of the events that reach the document. */
function eventsAtDocument(key: KeyboardEventInit): string[] {
  render(
    <EditorRoot>
      <button>Add</button>
    </EditorRoot>
  );
  const reached: string[] = [];
  for (const name of EVENTS) {
    document.addEventListener(name.toLowerCase(), () => reached.push(name), { once: true });
    fireEvent(screen.getByRole('button'), createEvent[name](screen.getByRole('button'), { charCode: 1, ...key }));
  }
  return reached;
}

it.each(['d', 'E', '?', 'é'])('does not pass the key %s to the shortcuts of Grafana', (key) => {
  expect(eventsAtDocument({ key })).toEqual([]);
});

it.each([
  { key: 'Escape' },
  { key: 'Tab' },
  { key: 'Enter' },
  { key: 's', ctrlKey: true },
  { key: 's', metaKey: true },
  { key: 's', altKey: true },
])('passes the key %j to Grafana', (key) => {
  expect(eventsAtDocument(key)).toEqual([...EVENTS]);
});
