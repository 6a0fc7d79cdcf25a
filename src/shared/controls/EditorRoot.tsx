/** The outermost element of a query editor. */
import React, { useEffect, useRef } from 'react';
import { Rows } from './Rows';

/**
 * Grafana listens on the document for single-key shortcuts, such as `e` or `d` `v`. Grafana ignores these shortcuts
 * only while the focus is in a text field. So a key press on a button or a list could navigate away from an unsaved
 * panel. Keys with Ctrl, Meta or Alt, and named keys such as Escape and Tab, are not stopped.
 */
function stopSingleKeys(event: React.KeyboardEvent | KeyboardEvent): void {
  const isCharacter = [...event.key].length === 1;
  if (isCharacter && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.stopPropagation();
  }
}

/** Prevents keys that are typed in the editor from triggering Grafana's single-key shortcuts. */
export function EditorRoot({ children }: React.PropsWithChildren) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = root;
    // Grafana's shortcuts use this event too. React's property for it is deprecated.
    current?.addEventListener('keypress', stopSingleKeys);
    return () => current?.removeEventListener('keypress', stopSingleKeys);
  }, []);
  return (
    <div ref={root} onKeyDown={stopSingleKeys} onKeyUp={stopSingleKeys}>
      <Rows>{children}</Rows>
    </div>
  );
}
