/**
 * The frame of a query that failed: no fields, but what was sent and how the server calls it, for the query inspector.
 * Grafana's own SQL sources answer a failure in the same way.
 */
import { frameHeader } from './frame-field';
import { frameWithoutFields } from './frame-writer';
import { Notices } from './notices';

export interface FailedQuery {
  refId: string;
  /** The SQL as it was sent, or as it was saved where its macros could not be expanded. */
  executedQueryString: string;
  /** Code of the error catalogue. */
  code: string;
  /** The server's id of the query: the key into its audit log. */
  queryId: string | undefined;
  encoding?: 'arrow' | 'json';
}

/** @returns One frame in pieces. */
export function failedFrame({ refId, executedQueryString, code, queryId, encoding }: FailedQuery): Uint8Array[] {
  const header = frameHeader(
    [],
    {},
    {
      options: { refId, executedQueryString },
      notices: new Notices(),
      stats: () => [],
      custom: { code, queryId },
    }
  );
  return frameWithoutFields(header, encoding);
}
