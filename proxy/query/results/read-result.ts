/**
 * Reads the result of a statement. Its messages pass these stages:
 *
 * 1. `instance.execute` sends the SQL and receives the messages.
 * 2. The `ReadStrategy` decides which parts of the time range are queried: the whole range, slices until enough log
 *    lines are found (line-strategy.ts), or the edges and the changed bins (incremental/).
 * 3. The `StatementSource` shares the messages with callers who request the same result (sharing/).
 * 4. `buildFrames` or `streamFrames` converts them to frames, within the limits (frames/data-frames/).
 *
 * Each stage pulls from the previous stage. Only a shared statement is read before its messages are needed, up to the
 * size that is kept. When the iteration ends, for example at a limit, the stages end, except for a statement whose
 * result other callers still need.
 */
import { buildFrames, type FramePart, streamFrames } from '../../frames/data-frames/build-frames';
import { type BuiltFrames, type FrameOptions } from '../../frames/data-frames/frame-options';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance } from '../../lakehouse/instances/instance';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { refreshStrategy } from '../incremental/refresh-strategy';
import { type Caller } from '../caller';
import { queuedMs, type QueryRun } from '../query-run';
import { memoryLimitReason } from '../result-limits';
import { sharedRequest, sharersKey } from '../sharing/sharing';
import { openSource, type StatementSource } from '../sharing/statement-source';
import { expandedSql, writeSql, type WrittenStatement } from '../statement';
import { frameOptions } from './statement-frames';
import { lineStrategy } from '../log-slices/line-strategy';
import { type ReadStrategy, type StatementPart, type StatementResources, wholeStrategy } from '../read-strategy';

interface OpenResult {
  messages: AsyncIterable<FlightMessage>;
  options: FrameOptions;
}

/** The whole result. @throws {ProxyError} Errors of the statement and of `buildFrames`. */
export async function readFrames(
  statement: WrittenStatement,
  run: QueryRun,
  memory: MemoryAccount
): Promise<BuiltFrames> {
  const source = await sourceOf(statement, run);
  try {
    const { messages, options } = await openResult(statement, run, { memory, source });
    return await buildFrames(messages, options);
  } finally {
    source.close();
  }
}

/** The result in parts. @throws {ProxyError} Errors of the statement and of `streamFrames`. */
export async function* readParts(
  statement: WrittenStatement,
  run: QueryRun,
  memory: MemoryAccount
): AsyncGenerator<FramePart> {
  const source = await sourceOf(statement, run);
  try {
    const { messages, options } = await openResult(statement, run, { memory, source });
    yield* streamFrames(messages, options);
  } finally {
    source.close();
  }
}

function sourceOf(statement: WrittenStatement, run: QueryRun): Promise<StatementSource> {
  const { panel, toSend, sentRange, rowLimit } = statement;
  const shared = { toSend, sentRange, serverLimit: rowLimit.serverLimit };
  return openSource(panel && sharedRequest(shared, panel, run), run);
}

interface ResultCall {
  memory: MemoryAccount;
  source: StatementSource;
}

/**
 * The messages of the result, and the options of their conversion. The statement is sent when the first message is
 * pulled.
 */
async function openResult(
  statement: WrittenStatement,
  run: QueryRun,
  { memory, source }: ResultCall
): Promise<OpenResult> {
  const { instance, caller, record, deadline, deps } = run;
  const { toSend, rowLimit, timeRange, panel } = statement;
  const { shared } = source;
  const sql = await writeSql(toSend, memory);
  record.written(sql);
  if (shared === undefined) {
    record.usesOwnStatements();
  } else {
    record.usesSharedResult(shared.from, shared.sentAs);
  }
  let endpoints: number | undefined;
  const call = {
    ...caller,
    trace: record.trace,
    stages: record.stages,
    deadline,
    onEndpoints: (count: number) => (endpoints = count),
  };
  const fixed = frameOptions(statement, run);
  const strategy = strategyOf(statement, run, { call, memory, maxBytes: fixed.maxBytes?.bytes ?? Infinity });
  const sendPart = (part: StatementPart, resources: StatementResources) =>
    instance.execute(sql, { ...call, ...resources, ...part });
  const sendAll = (resources: StatementResources) => strategy.read((part) => sendPart(part, resources), resources);
  const options = { memory, signal: deadline.signal, endsSoon: rowLimit.serverLimit !== undefined };
  const messages = source.read(sendAll, options);
  const facts = () => {
    const { slices, refresh } = strategy.facts();
    return {
      tokenAgeMs: tokenAgeMs(instance, deps.now()),
      // Endpoints are reported only for one statement: each slice has different endpoints.
      endpoints: slices === undefined ? endpoints : undefined,
      queuedMs: queuedMs(run),
      session: record.sentStatement?.session,
      slices,
      shared,
      readRange: panel === undefined || timeRange === run.query.timeRange ? undefined : timeRange,
      refresh,
    };
  };
  const conversion: FrameOptions = {
    ...fixed,
    memory,
    memoryLimitReason: memoryLimitReason(memory.limitBytes),
    executedQueryString: sql,
    onLines: strategy.onLines,
    stats: { now: deps.now, startedMs: record.startedMs, facts },
  };
  return { messages: strategy.watch?.(messages) ?? messages, options: conversion };
}

interface ReadingCall {
  /** The fields that all statements of the result share. */
  call: Caller;
  memory: MemoryAccount;
  maxBytes: number;
}

function strategyOf(
  { sql, sentRange, rowLimit, refreshable, lineOrder, intervalMs, ...statement }: WrittenStatement,
  run: QueryRun,
  { call, memory, maxBytes }: ReadingCall
): ReadStrategy {
  const whole = { range: sentRange, limit: rowLimit.serverLimit };
  if (refreshable === undefined) {
    return (lineOrder && lineStrategy(lineOrder, whole, run)) ?? wholeStrategy(whole);
  }
  return refreshStrategy(
    {
      refreshable,
      whole,
      sharers: refreshable.kind === 'incremental' ? sharersKey(run) : undefined,
      sql,
      intervalMs,
      maxRows: rowLimit.maxRows,
      maxBytes,
      call,
      memory,
      expanded: (edited) => expandedSql({ ...statement, sql: edited, sentRange, intervalMs }, run),
      write: writeSql,
      onOutcome: ({ kind }) => {
        run.record.refreshed(kind);
      },
    },
    run
  );
}

function tokenAgeMs({ currentToken }: Instance, nowMs: number): number | undefined {
  return currentToken === undefined ? undefined : nowMs - currentToken.receivedAtMs;
}
