/**
 * If the author has not chosen a format for a new query in code mode, chooses it from the columns of the first result.
 */
import { type DataFrame, LoadingState, type PanelData } from '@grafana/data';
import { useEffect, useRef } from 'react';
import { formatFor } from '../../../contract/builder/format-for';
import { readQuery } from '../../../contract/queries/query';
import { DEFAULT_LOG_ROWS } from '../../../contract/result-format';
import { type MicromegasQuery } from '../../shared/types';
import { shownSql } from '../model/query-draft';

interface Options {
  query: MicromegasQuery;
  /** The SQL that the author typed last in this editor. Undefined if the author has typed none. */
  typed: string | undefined;
  data: PanelData | undefined;
  /** True for a query without SQL. After a change of the type to SQL, its result stays in `data` until the SQL runs. */
  isViewQuery: boolean;
  /** True once the builder or the author has chosen a format, and always for annotations. */
  isDecided: boolean;
  /** Saves the format and runs the query with it. */
  onFormat: (patch: Partial<MicromegasQuery>) => void;
}

function firstFrame(data: PanelData | undefined, refId: string): DataFrame | undefined {
  return data?.state === LoadingState.Done
    ? data.series.find((frame) => (frame.refId ?? refId) === refId && frame.fields.length > 0)
    : undefined;
}

/**
 * Calls `onFormat` at most once, and only for SQL that the author typed in an empty editor. Other SQL has a format
 * already: SQL of a saved query, and of a query that Grafana put in place of this one, for example from the history.
 */
export function useFormatOfResult({ query, typed, data, isViewQuery, isDecided, onFormat }: Options): void {
  const isNew = useRef(true);
  const sql = shownSql(query);
  const isTyped = sql.trim() === '' || sql === typed;
  const latest = useRef(onFormat);
  useEffect(() => {
    latest.current = onFormat;
  });
  const frame = firstFrame(data, query.refId);
  /** The result of a query without SQL, which does not decide the format of the SQL. */
  const viewFrame = useRef<DataFrame>();
  useEffect(() => {
    if (isViewQuery) {
      viewFrame.current = frame;
      return;
    }
    if (isDecided || !isTyped) {
      isNew.current = false;
    }
    if (!isNew.current || frame === undefined || frame === viewFrame.current) {
      return;
    }
    isNew.current = false;
    const { format: current, rowLimit, autoLimit } = readQuery(query);
    const format = formatFor(frame.fields);
    if (current === 'table' && format !== 'table') {
      const needsLimit = format === 'logs' && rowLimit === undefined && !autoLimit;
      latest.current({ format, ...(needsLimit && { rowLimit: DEFAULT_LOG_ROWS }) });
    }
  }, [frame, isViewQuery, isDecided, isTyped, query]);
}
