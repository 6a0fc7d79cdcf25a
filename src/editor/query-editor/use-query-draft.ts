/** The query draft as React state. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type MicromegasQuery } from '../../shared/types';
import { changesAnything, editDraft, haveSameForms, receiveQuery, seededPatch, startDraft } from '../model/query-draft';

interface Draft {
  query: MicromegasQuery;
  /**
   * Changes fields and sends the query to Grafana at once, so that nothing is lost when the editor is unmounted.
   *
   * @returns False if the query already has these values. Some controls report a choice more than once.
   */
  update: (patch: Partial<MicromegasQuery>) => boolean;
  /**
   * The number of queries that have replaced the contents of a form from outside the editor. This number is the React
   * key of the forms, so that React drops input that was invalid in the replaced query.
   */
  replacements: number;
}

/**
 * The draft is in a ref, so that several changes before the next render build on each other. The React state is a copy
 * of the draft.
 */
export function useQueryDraft(received: MicromegasQuery, onChange: (query: MicromegasQuery) => void): Draft {
  const draft = useRef(startDraft(received));
  const send = useRef(onChange);
  const [query, setQuery] = useState(received);
  const [replacements, setReplacements] = useState(0);

  useEffect(() => {
    send.current = onChange;
  }, [onChange]);

  useEffect(() => {
    if (received !== draft.current.received) {
      const before = draft.current.query;
      draft.current = receiveQuery(draft.current, received);
      setQuery(draft.current.query);
      if (!haveSameForms(before, draft.current.query)) {
        setReplacements((count) => count + 1);
      }
    }
  }, [received]);

  const update = useCallback((patch: Partial<MicromegasQuery>) => {
    if (!changesAnything(draft.current.query, patch)) {
      return false;
    }
    draft.current = editDraft(draft.current, seededPatch(draft.current.query, patch));
    setQuery(draft.current.query);
    send.current(draft.current.query);
    return true;
  }, []);

  return { query, update, replacements };
}
