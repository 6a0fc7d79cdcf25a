/**
 * Data about a query for the inspector of a panel: the inserted parts of its statement, and the server's records of its
 * cost.
 */
import { isObject } from '../is-object';

/** A part of the statement that the author did not write. Offsets in UTF-16 units, the end exclusive. */
export interface InsertedPart {
  start: number;
  end: number;
  by: 'macro' | 'filter' | 'data source';
}

/**
 * The origin of a result that a query got without sending a statement. `memory`: from a statement that had ended.
 * `statement`: from a statement that was running for another query.
 */
export type SharedFrom = 'memory' | 'statement';

/** In `meta.custom` of the first frame of a query. */
export interface SentStatement {
  /** The field `session` of the audit records of the query. Undefined without user attribution. */
  session?: string | undefined;
  /** Start of the query, in milliseconds since 1970. */
  startedMs: number;
  /** Set if the query sent no statement. `session` and `startedMs` then belong to the query that sent the statement. */
  sharedFrom?: SharedFrom;
  /** Undefined if the query sent several statements. */
  inserted?: readonly InsertedPart[];
}

/** The record of one statement in the server's audit log. A server may record only some of the values. */
export interface QueryCost {
  /** `ok`, `error`, or `incomplete` if the caller left. */
  status: string;
  /** The error of the server. */
  error?: string;
  /** The first characters of the statement. */
  sql?: string;
  rows?: number;
  bytesScanned?: number;
  peakMemoryBytes?: number;
  spilledBytes?: number;
  /** Durations of the whole statement and of its phases, in milliseconds. */
  totalMs?: number;
  contextInitMs?: number;
  planningMs?: number;
  executionMs?: number;
  setupMs?: number;
}

/** Response of the resource `query-costs`. */
export interface QueryCostsPayload {
  /** One record for each statement of the query. The first statement comes first. */
  costs: QueryCost[];
  /** True if the audit log has records of any query from around the time of the query. */
  hasRecords: boolean;
}

/** True for the `meta.custom` of a frame that has a `SentStatement`. */
export function isSentStatement(custom: unknown): custom is SentStatement {
  return (
    isObject(custom) &&
    typeof custom.startedMs === 'number' &&
    (custom.session === undefined || typeof custom.session === 'string') &&
    (custom.sharedFrom === undefined || custom.sharedFrom === 'memory' || custom.sharedFrom === 'statement') &&
    (custom.inserted === undefined || (Array.isArray(custom.inserted) && custom.inserted.every(isInsertedPart)))
  );
}

function isInsertedPart(part: unknown): part is InsertedPart {
  return (
    isObject(part) &&
    typeof part.start === 'number' &&
    typeof part.end === 'number' &&
    (part.by === 'macro' || part.by === 'filter' || part.by === 'data source')
  );
}
