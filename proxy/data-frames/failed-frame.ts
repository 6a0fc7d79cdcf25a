/**
 * The frame of a query that failed: no fields, but what was sent and how the server calls it, for the query inspector.
 * Grafana's own SQL sources answer a failure in the same way.
 */
import { ArrowFileWriter } from '../arrow-ipc/file-writer';
import { frameSchema } from './frame-field';
import { type FrameOptions } from './frame-options';
import { Notices } from './notices';

export interface FailedQuery {
  refId: string;
  /** The SQL as it was sent. */
  executedQueryString: string;
  /** Code of the error catalogue. */
  code: string;
  /** The server's id of the query: the key into its audit log. */
  queryId: string | undefined;
}

/** @returns One Arrow IPC file in pieces. */
export function failedFrame({ refId, executedQueryString, code, queryId }: FailedQuery): Uint8Array[] {
  const options: FrameOptions = { refId, executedQueryString, format: 'table', maxRows: 0, rowLimitReason: '' };
  return new ArrowFileWriter().finish(frameSchema([], {}, options, new Notices(), { code, queryId }));
}
