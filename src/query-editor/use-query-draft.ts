/** The query draft as state of a component. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type MicromegasQuery } from '../types';
import { changesAnything, editDraft, receiveQuery, startDraft } from './query-draft';

interface Draft {
  query: MicromegasQuery;
  /**
   * Changes fields and tells Grafana at once, so that nothing is lost when the editor goes away.
   *
   * @returns False when the query holds these values already: controls report a choice more than once.
   */
  update: (patch: Partial<MicromegasQuery>) => boolean;
}

/**
 * The ref is the truth: changes that follow each other before a render build on each other. The state only shows it.
 */
export function useQueryDraft(received: MicromegasQuery, onChange: (query: MicromegasQuery) => void): Draft {
  const draft = useRef(startDraft(received));
  const sendUp = useRef(onChange);
  const [query, setQuery] = useState(received);

  useEffect(() => {
    sendUp.current = onChange;
  }, [onChange]);

  useEffect(() => {
    if (received !== draft.current.received) {
      draft.current = receiveQuery(draft.current, received);
      setQuery(draft.current.query);
    }
  }, [received]);

  const update = useCallback((patch: Partial<MicromegasQuery>) => {
    if (!changesAnything(draft.current.query, patch)) {
      return false;
    }
    draft.current = editDraft(draft.current, patch);
    setQuery(draft.current.query);
    sendUp.current(draft.current.query);
    return true;
  }, []);

  return { query, update };
}
