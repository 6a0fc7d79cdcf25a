/**
 * Delays the changes in the editors of variables and annotations, because Grafana runs their query at each `onChange`.
 * Changes that were not committed are sent when the editor is unmounted.
 */
import { useCallback, useEffect, useRef } from 'react';
import { type MicromegasQuery } from '../../shared/types';

interface Commit {
  /** Stores a change until it is committed. The change replaces an earlier stored change. */
  hold: (query: MicromegasQuery) => void;
  /** Sends the stored change. @returns False if no change is stored. */
  commit: () => boolean;
}

/** Stores changes and sends them on `commit`. @param send Called with the stored change. */
export function useCommit(send: (query: MicromegasQuery) => void): Commit {
  const held = useRef<MicromegasQuery>();
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  }, [send]);
  const hold = useCallback((query: MicromegasQuery) => {
    held.current = query;
  }, []);
  const commit = useCallback((): boolean => {
    const query = held.current;
    held.current = undefined;
    if (query) {
      latest.current(query);
    }
    return query !== undefined;
  }, []);
  useEffect(() => () => void commit(), [commit]);
  return { hold, commit };
}
