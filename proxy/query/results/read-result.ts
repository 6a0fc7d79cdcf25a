/**
 * Reads the result of a statement. Its messages are pulled through these stages, from the frames to the server:
 *
 * 1. `buildFrames` or `streamFrames` converts the messages to frames, within the limits (frames/data-frames/).
 * 2. The `StatementSource` shares the messages with callers who request the same result (sharing/). If no other caller
 *    has the result, the source calls `sendAll`.
 * 3. The `ReadStrategy` decides which parts of the time range are queried: the whole range, slices until enough log
 *    lines are found (log-slices/), or the edges and the changed bins (incremental/). It calls `sendPart` for each
 *    part.
 * 4. `instance.execute` sends the SQL of a part and receives the messages.
 *
 * The messages of a shared statement are received ahead of the reader, up to the size that is kept. Other messages are
 * received only when the reader needs them. When the iteration ends, for example at a limit, all stages end, except for
 * a statement whose result other callers still need.
 */
import { type KeptParts } from '../../../contract/resources/query-costs';
import { buildFrames, type FramePart, streamFrames } from '../../frames/data-frames/build-frames';
import { type BuiltFrames, type FrameOptions } from '../../frames/data-frames/frame-options';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { buildSqlString } from '../authored-sql';
import { refreshStrategy, type RefreshOptions } from '../incremental/refresh-strategy';
import { lineStrategy } from '../log-slices/line-strategy';
import { type QueryRun } from '../query-run';
import { type ReadStrategy, type StatementPart, type StatementResources, wholeStrategy } from '../read-strategy';
import { sharedRequest, sharersKey } from '../sharing/sharing';
import { openSource, type StatementSource } from '../sharing/statement-source';
import { sqlToSend, type StatementToSend } from '../statement';
import { frameOptions, startLateNotice } from './result-options';

/** The whole result. @throws {ProxyError} Errors of the statement and of `buildFrames`. */
export async function readFrames(
  statement: StatementToSend,
  run: QueryRun,
  memory: MemoryAccount
): Promise<BuiltFrames> {
  const source = await openSource(sharedRequest(statement, run), run);
  try {
    const { messages, options } = await resultOf(source, statement, run, memory);
    return await buildFrames(messages, options);
  } finally {
    source.close();
  }
}

/** The result in parts. @throws {ProxyError} Errors of the statement and of `streamFrames`. */
export async function* readParts(
  statement: StatementToSend,
  run: QueryRun,
  memory: MemoryAccount
): AsyncGenerator<FramePart> {
  const source = await openSource(sharedRequest(statement, run), run);
  try {
    const { messages, options } = await resultOf(source, statement, run, memory);
    yield* streamFrames(messages, options);
  } finally {
    source.close();
  }
}

/** The messages of a result, and the options of their conversion to frames. */
interface ResultToConvert {
  messages: AsyncIterable<FlightMessage>;
  options: FrameOptions;
}

/** Writes the SQL, and joins the stages. The first statement is sent when the first message is pulled. */
async function resultOf(
  source: StatementSource,
  statement: StatementToSend,
  run: QueryRun,
  memory: MemoryAccount
): Promise<ResultToConvert> {
  const { instance, caller, record, deadline } = run;
  const { shared } = source;
  const sql = await buildSqlString(statement.toSend, memory);
  record.sqlBuilt(sql);
  if (shared === undefined) {
    record.usesOwnStatements();
  } else {
    record.usesSharedResult(shared);
  }
  let endpoints: number | undefined;
  const onEndpoints = (count: number) => (endpoints = count);
  const call = { ...caller, trace: record.trace, stages: record.stages, deadline, onEndpoints };
  const onKept = (kept: KeptParts) => {
    record.keeps(kept);
    source.keeps(kept);
  };
  const strategy = strategyOf(statement, run, { call, memory, onKept });
  const lateNotice = startLateNotice(statement, run);
  const opened = { sql, memory, shared, strategy, lateNotice, endpoints: () => endpoints };
  const options = frameOptions(statement, run, opened);
  // The calls when the first message is pulled: source.read > sendAll > strategy.read > sendPart > instance.execute.
  const sendPart = (part: StatementPart, resources: StatementResources) =>
    instance.execute(sql, { ...call, ...resources, ...part });
  const sendAll = (resources: StatementResources) => strategy.read((part) => sendPart(part, resources), resources);
  const endsSoon = statement.rowLimit.serverLimit !== undefined;
  const messages = source.read(sendAll, { memory, signal: deadline.signal, endsSoon });
  return { messages: strategy.watch?.(messages) ?? messages, options };
}

interface StrategyOptions {
  /** The fields that all statements of the result share. */
  call: RefreshOptions['call'];
  memory: MemoryAccount;
  /** Called before the first message if parts of the result come from memory. */
  onKept: (kept: KeptParts) => void;
}

function strategyOf(
  statement: StatementToSend,
  run: QueryRun,
  { call, memory, onKept }: StrategyOptions
): ReadStrategy {
  const { sql, sentRange, rowLimit, byteLimit, refreshable, lineOrder, intervalMs } = statement;
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
      maxBytes: byteLimit?.bytes ?? Infinity,
      call,
      memory,
      sqlToSend: (edited) => sqlToSend({ ...statement, sql: edited }, run),
      onOutcome: (outcome) => {
        run.record.refreshed(outcome.kind);
        if (outcome.kind === 'parts') {
          onKept(outcome.kept);
        }
      },
    },
    run
  );
}
