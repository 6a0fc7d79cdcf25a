/**
 * Data about a query for the inspector of a panel: the parts that the backend inserted into the statement, and the cost
 * that the server recorded.
 */
import { isObject } from '../is-object';

/** A part of the statement that the author did not write. The offsets are in UTF-16 units, and the end is exclusive. */
export interface InsertedPart {
  start: number;
  end: number;
  by: 'macro' | 'filter' | 'data source';
}

/**
 * Where a query got its result from, if it sent no statement itself. `memory`: from a statement that had already ended.
 * `statement`: from a statement that was still running for another query.
 */
export type SharedFrom = 'memory' | 'statement';

/** A part of the time range, in milliseconds since 1970. The end is exclusive. */
export interface RangePart {
  fromMs: number;
  toMs: number;
}

/** The parts of a result that a refresh took from an earlier result of the query. */
export interface KeptParts {
  /** In the order of time. */
  parts: readonly RangePart[];
  /** When the whole range was last read, in milliseconds since 1970. */
  wholeReadMs: number;
}

/** Maximum number of entries of `KeptParts.parts`. */
const MAX_KEPT_PARTS = 100;

/** What a query sent to the server. `meta.custom` of the first frame of the result has this object. */
export interface SentStatement {
  /** The field `session` of the audit records of the query. Undefined if user attribution is off. */
  session?: string | undefined;
  /** Start of the query, in milliseconds since 1970. */
  startedMs: number;
  /** Set if the query sent no statement. `session` and `startedMs` then belong to the query that sent the statement. */
  sharedFrom?: SharedFrom;
  /** Set with `sharedFrom`: when the other query sent the statement, in milliseconds since 1970. */
  sharedAtMs?: number;
  /** Set if parts of the result come from memory. */
  kept?: KeptParts | undefined;
  /** The inserted parts of the statement. Undefined for a view query, and for a query that failed. */
  inserted?: readonly InsertedPart[];
}

/** The record of one statement in the server's audit log. A server may record only some of the values. */
export interface QueryCost {
  /** `ok`, `error`, or `incomplete` if the caller disconnected before the end. */
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
  /** True if the audit log has a record of any query that ran at about the same time. */
  hasRecords: boolean;
}

/** True if the `meta.custom` of a frame is a `SentStatement`. */
export function isSentStatement(custom: unknown): custom is SentStatement {
  return (
    isObject(custom) &&
    typeof custom.startedMs === 'number' &&
    (custom.session === undefined || typeof custom.session === 'string') &&
    (custom.sharedFrom === undefined || custom.sharedFrom === 'memory' || custom.sharedFrom === 'statement') &&
    (custom.sharedAtMs === undefined || typeof custom.sharedAtMs === 'number') &&
    (custom.kept === undefined || isKeptParts(custom.kept)) &&
    (custom.inserted === undefined || (Array.isArray(custom.inserted) && custom.inserted.every(isInsertedPart)))
  );
}

function isKeptParts(kept: unknown): kept is KeptParts {
  return (
    isObject(kept) &&
    typeof kept.wholeReadMs === 'number' &&
    Array.isArray(kept.parts) &&
    kept.parts.length <= MAX_KEPT_PARTS &&
    kept.parts.every((part) => isObject(part) && typeof part.fromMs === 'number' && typeof part.toMs === 'number')
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
