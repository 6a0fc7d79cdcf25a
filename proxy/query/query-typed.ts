/** Answers queries without SQL of their own: traces, profiles, processes and what changed. The folder of each type writes the statements. */
import { type TypedRequest } from '../../contract/query-types/typed-request';
import { Pace } from '../base/async/turns';
import { type BuiltFrames } from '../frames/data-frames/build-frames';
import { type AnswerFrame, writeAnswerFrames } from '../frames/data-frames/answer-frames';
import { MAX_SHOWN_SQL } from '../frames/data-frames/frame-field';
import { ProxyError } from '../base/errors/proxy-error';
import { type LakeReader, type LakeStatement } from '../views/lake-reader/lake-reader';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { answerTraces } from '../views/traces/answer-traces';
import { answerProfile } from '../views/profiles/answer-profile';
import { answerProcesses } from '../views/processes/answer-processes';
import { answerWhatChanged } from '../views/what-changed/answer-what-changed';
import { callerOf } from './caller';
import { readWith } from './read-with';
import { type DataQuery } from './plugin-request';
import { type QueryContext } from './prepare-query';

/** The SQL that the inspector shows. */
const BETWEEN_STATEMENTS = ';\n\n';

export type TypedContext = Omit<QueryContext, 'filterable' | 'freshness'> & {
  /** For the received rows, which have accounts of their own. */
  budget: MemoryBudget;
  /** The purpose of the query, see `callerOf`. */
  purpose: string | undefined;
  /** Time zone of the reader. */
  timezone: string | undefined;
  /** True if the request has filters, which do not apply. */
  hasFilters: boolean;
  /** Called with the statements so far before each of them is sent, until they are longer than the inspector shows. */
  onSql: (sql: string) => void;
};

/**
 * @throws {ProxyError} 'query_field_invalid' for an id or a condition that cannot be used, 'result_too_large', 'memory_busy',
 *   'query_cancelled', and errors of the statements.
 */
export async function answerTyped(typed: TypedRequest, query: DataQuery, context: TypedContext): Promise<BuiltFrames> {
  const { memory, request } = context;
  let sent = '';
  const lake = lakeReader(query, context, ({ sql }) => {
    // Later statements are not shown, because many large ones would take much memory.
    if (sent.length <= MAX_SHOWN_SQL) {
      sent = sent === '' ? sql : `${sent}${BETWEEN_STATEMENTS}${sql}`;
      context.onSql(sent);
    }
  });
  await memory.reserve(0);
  const answer = withNotice(await framesOf(typed, lake), context.hasFilters);
  const frames = await writeAnswerFrames(answer, {
    refId: query.refId,
    executedQueryString: sent,
    encoding: request.encoding,
    memory,
    pace: lake.pace,
  });
  return {
    frames,
    rows: answer.reduce((sum, { fields }) => sum + (fields[0]?.values.length ?? 0), 0),
    bytes: frames.flat().reduce((sum, piece) => sum + piece.length, 0),
    truncated: false,
  };
}

const FILTERS_IGNORED =
  'The ad hoc filters do not apply to this query: they are conditions on columns of SQL. Use the fields of the query instead.';

function withNotice(frames: readonly AnswerFrame[], hasFilters: boolean): readonly AnswerFrame[] {
  const notice = { severity: 'info' as const, text: FILTERS_IGNORED };
  return frames.map((frame, index) =>
    hasFilters && index === 0 ? { ...frame, notices: [...(frame.notices ?? []), notice] } : frame
  );
}

function framesOf(typed: TypedRequest, lake: LakeReader): Promise<readonly AnswerFrame[]> {
  switch (typed.type) {
    case 'traces':
      return answerTraces(typed.request, lake);
    case 'profile':
      return answerProfile(typed.request, lake);
    case 'processes':
      return answerProcesses(typed.request, lake);
    case 'what-changed':
      return answerWhatChanged(typed.request, lake);
  }
}

function lakeReader(query: DataQuery, context: TypedContext, onStatement: (sent: LakeStatement) => void): LakeReader {
  const { instance, request, memory, budget, record, now, deadline, purpose, timezone } = context;
  const { signal } = deadline;
  const { dataSource, user } = request.context;
  const caller = callerOf(user, request.headers, purpose);
  const read = readWith({
    instance,
    caller,
    trace: record.trace,
    stages: record.stages,
    budget,
    now,
    signal,
    deadline,
  });
  return {
    range: query.timeRange,
    intervalMs: query.intervalMs,
    nowMs: now(),
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name, range: query.timeRange },
    isPanel: caller.origin.dashboardUid !== undefined || caller.origin.panelId !== undefined,
    sourceUrl: instance.settings.sourceUrl,
    timezone,
    memory,
    signal,
    pace: new Pace(() => deadline.check()),
    async *read(statement) {
      onStatement(statement);
      for await (const batch of read(statement)) {
        yield batch;
        deadline.check();
        // What was made of the rows so far.
        if (memory.isBeyondLimit) {
          throw new ProxyError('result_too_large');
        }
      }
    },
  };
}
