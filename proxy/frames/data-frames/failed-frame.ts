/**
 * The frame of a query that failed. It has no fields, only metadata for the query inspector: the SQL, the error code
 * and ids of the query.
 */
import { type SentStatement } from '../../../contract/resources/query-costs';
import { type SqlPosition } from '../../../contract/sql/sql-edits';
import { frameHeader } from './frame-field';
import { frameWithoutFields } from './frame-writer';
import { Notices } from './notices';

interface FailedQuery {
  refId: string;
  /** The SQL that was sent, or the saved SQL if its macros could not be expanded. */
  executedQueryString: string;
  /** Code in the error catalogue. */
  code: string;
  /** The server's id of the query, as in its audit log. */
  queryId: string | undefined;
  /** Position of the problem in the SQL as the user wrote it. */
  position: SqlPosition | undefined;
  /** Undefined if no statement was sent. */
  sent?: SentStatement | undefined;
  encoding?: 'arrow' | 'json';
}

/** @returns The frame in pieces. */
export function failedFrame({
  refId,
  executedQueryString,
  code,
  queryId,
  position,
  sent,
  encoding,
}: FailedQuery): Uint8Array[] {
  const header = frameHeader(
    [],
    {},
    {
      options: { refId, executedQueryString },
      notices: new Notices(),
      stats: () => [],
      custom: { ...sent, code, queryId, position },
    }
  );
  return frameWithoutFields(header, encoding);
}
