/** Runs a query and writes its audit record. */
import { randomUUID } from 'node:crypto';
import { type Metadata } from '@grpc/grpc-js';
import { type FlightData } from '../../proxy/generated/arrow/flight/flight_pb';
import { attribute } from './attribution';
import { type AuditLog, type AuditRecord } from './audit';
import { type Database } from './database';
import { LakeError, translateError } from './error-messages';
import { header, keepsDictionaries, rowLimit, timeRange } from './query-headers';
import { startQuery } from './query';
import { type Caller } from './sign-in';

export interface QuerySurroundings {
  database: Database;
  audit: AuditLog;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Sends one message. Resolves when the stream accepts more. */
export type Send = (message: FlightData) => Promise<void>;

/**
 * Runs the SQL and records it.
 *
 * @param gone Aborted when the client disconnects.
 * @throws {LakeError} Its message ends with the query id if the query has started.
 */
export async function runAudited(
  { database, audit, now }: QuerySurroundings,
  { sql, caller, metadata }: { sql: string; caller: Caller; metadata: Metadata },
  send: Send,
  gone: AbortSignal
): Promise<void> {
  const attribution = attribute(caller, metadata);
  const range = timeRange(metadata);
  const limit = rowLimit(metadata);
  const startedMs = now();
  const clockStart = performance.now();
  const record: AuditRecord = {
    query_id: randomUUID(),
    sign_in: caller.kind,
    ...clientOf(metadata),
    ...attribution,
    sql,
    ...(range === undefined ? {} : { range_begin: range.begin, range_end: range.end }),
    ...(limit === undefined ? {} : { limit }),
    status: 'ok',
    total_ms: 0,
    started_ms: startedMs,
  };
  const query = await startQuery(database, {
    sql,
    nowMs: startedMs,
    preserveDictionaries: keepsDictionaries(metadata),
    ...(range === undefined ? {} : { range }),
    ...(limit === undefined ? {} : { limit }),
  });
  audit.emit('start', record);
  gone.addEventListener('abort', query.cancel);
  try {
    gone.throwIfAborted();
    for await (const message of query.messages()) {
      await send(message);
      gone.throwIfAborted();
    }
    // DuckDB may return the result of an interrupted query as if it were complete.
    gone.throwIfAborted();
  } catch (reason) {
    const failure = translateError(reason, sql, 'error building data stream');
    Object.assign(record, gone.aborted ? { status: 'incomplete' } : failureOf(failure));
    throw new LakeError(failure.code, `${failure.message} (query_id=${record.query_id})`);
  } finally {
    gone.removeEventListener('abort', query.cancel);
    record.output_rows = query.rows;
    record.total_ms = Math.round(performance.now() - clockStart);
    query.close();
    audit.add(record);
  }
}

function failureOf(failure: LakeError): Pick<AuditRecord, 'status' | 'error' | 'error_class'> {
  const user = /^error building dataframe/.test(failure.message) || /Arrow error/.test(failure.message);
  return { status: 'error', error: failure.message, error_class: user ? 'user' : 'internal' };
}

function clientOf(
  metadata: Metadata
): Pick<AuditRecord, 'client' | 'agent' | 'entrypoint' | 'session' | 'notebook' | 'cell'> {
  const optional = (name: 'session' | 'notebook' | 'cell'): { [key: string]: string } => {
    const value = header(metadata, `x-client-${name}`);
    return value ? { [name]: value } : {};
  };
  return {
    client: header(metadata, 'x-client-type') ?? 'unknown',
    agent: header(metadata, 'x-client-agent') ?? 'unknown',
    entrypoint: header(metadata, 'x-client-entrypoint') ?? 'unknown',
    ...optional('session'),
    ...optional('notebook'),
    ...optional('cell'),
  };
}
