/**
 * Views: results that the backend builds from its own statements (traces, profiles, processes, changes). `views/` has a
 * folder for each type.
 */
import { Pace } from '../../base/async/turns';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ComposedFrame, writeComposedFrames } from '../../frames/data-frames/composed-frames';
import { type BuiltFrames } from '../../frames/data-frames/frame-options';
import { queueStat, sessionStat } from '../../frames/data-frames/query-stats';
import { MAX_SHOWN_SQL } from '../../frames/data-frames/frame-field';
import { type FramePart } from '../../frames/data-frames/build-frames';
import { type Release } from '../../lakehouse/instances/statement-slots';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type LakeStatement } from '../../views/lake-reader/lake-reader';
import { type ViewContext } from '../../views/view-context';
import { viewTypeOf } from '../../views/view-types';
import { isPanelOrRule, isTablePanel } from '../caller';
import { checkLongestRange } from '../request-bounds';
import { type ViewPlan } from '../query-plan';
import { type PreparedQuery, queuedMs, type QueryRun, takeSlot } from '../query-run';
import { lakeRead } from '../lake-read';

/** Separates the statements in the inspector. */
const BETWEEN_STATEMENTS = ';\n\n';

/** @throws {ProxyError} 'time_range_too_long', and 'query_field_invalid' for a profile without a valid range. */
export function viewQuery(plan: ViewPlan, run: QueryRun): PreparedQuery {
  const { query, instance } = run;
  const view = viewTypeOf(plan.view);
  checkLongestRange(view.limitedRange(query.timeRange), instance.settings);
  const frames = async (lake: ViewContext) => withNotice(await view.frames(lake), plan.hasFilters);
  return composedQuery({ timezone: plan.timezone, frames }, run);
}

/** A result that the backend composes from its own statements. */
interface ComposedResult {
  /** Time zone of the viewer. Default: UTC. */
  timezone: string | undefined;
  frames: (lake: ViewContext) => Promise<readonly ComposedFrame[]>;
}

/** The statements run when the result is read. The first part is returned when the whole result is complete. */
export function composedQuery(result: ComposedResult, run: QueryRun): PreparedQuery {
  return {
    frames: (memory) => framesOf(result, run, memory),
    parts: (memory) => partsOf(result, run, memory),
  };
}

async function* partsOf(composed: ComposedResult, run: QueryRun, memory: MemoryAccount): AsyncGenerator<FramePart> {
  const { frames, rows } = await framesOf(composed, run, memory);
  for (const [index, pieces] of frames.entries()) {
    yield { frameId: String(index), pieces: [...pieces], rows: index === 0 ? rows : 0 };
  }
}

/**
 * @throws {ProxyError} 'query_field_invalid' for an invalid id or condition, 'result_too_large', 'memory_busy',
 *   'statements_busy', 'query_timeout', 'query_cancelled', and errors of the statements.
 */
async function framesOf(composed: ComposedResult, run: QueryRun, memory: MemoryAccount): Promise<BuiltFrames> {
  const slot = await takeSlot(run);
  try {
    await memory.reserve(0);
    return await composedFrames(composed, run, { memory, slot });
  } finally {
    slot();
  }
}

/** The resources of the statements. The first statement uses the slot. */
interface ViewResources {
  memory: MemoryAccount;
  slot: Release;
}

async function composedFrames(composed: ComposedResult, run: QueryRun, resources: ViewResources): Promise<BuiltFrames> {
  const { query, request, record } = run;
  let sent = '';
  const view = viewContext(composed, run, resources, ({ sql }) => {
    // Statements after `MAX_SHOWN_SQL` characters are not shown, because they would take too much memory.
    if (sent.length <= MAX_SHOWN_SQL) {
      sent = sent === '' ? sql : `${sent}${BETWEEN_STATEMENTS}${sql}`;
      record.sqlBuilt(sent);
    }
  });
  const result = await composed.frames(view);
  const frames = await writeComposedFrames(result, {
    refId: query.refId,
    executedQueryString: sent,
    encoding: request.encoding,
    memory: resources.memory,
    pace: view.pace,
    stats: [...queueStat(queuedMs(run)), ...sessionStat(record.sentStatement?.session)],
    custom: record.sentStatement,
  });
  return {
    frames,
    rows: result.reduce((sum, { fields }) => sum + (fields[0]?.values.length ?? 0), 0),
    bytes: frames.flat().reduce((sum, piece) => sum + piece.length, 0),
    truncated: false,
  };
}

const FILTERS_IGNORED =
  'The ad hoc filters do not apply to this query: they are conditions on columns of SQL. Use the fields of the query instead.';

function withNotice(frames: readonly ComposedFrame[], hasFilters: boolean): readonly ComposedFrame[] {
  const notice = { severity: 'info' as const, text: FILTERS_IGNORED };
  return frames.map((frame, index) =>
    hasFilters && index === 0 ? { ...frame, notices: [...(frame.notices ?? []), notice] } : frame
  );
}

function viewContext(
  { timezone }: ComposedResult,
  run: QueryRun,
  { memory, slot }: ViewResources,
  onStatement: (sent: LakeStatement) => void
): ViewContext {
  const { instance, request, query, caller, record, deadline, deps } = run;
  const { signal } = deadline;
  const { dataSource, user } = request.context;
  const { now, memory: budget } = deps;
  const { trace, stages } = record;
  const lane = 'continued';
  record.usesOwnStatements();
  const read = lakeRead({ instance, caller, trace, stages, budget, signal, deadline, lane, slot });
  return {
    range: query.timeRange,
    maxRangeMs: instance.settings.maxRangeMs,
    intervalMs: query.intervalMs,
    nowMs: now(),
    leftMs: () => deadline.leftMs(),
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name, range: query.timeRange },
    isPanel: isPanelOrRule(user, request.headers),
    isTablePanel: isTablePanel(user, request.headers),
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
        // `isBeyondLimit` includes the objects that were built from the rows so far.
        if (memory.isBeyondLimit) {
          throw new ProxyError('result_too_large');
        }
      }
    },
  };
}
