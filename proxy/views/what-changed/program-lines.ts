/**
 * Reads the log targets and levels of programs, or of all programs, that have their first lines in the window, or more
 * lines than before the window.
 *
 * The server counts lines by process, because `log_stats` has no program and a join with `processes` costs the server
 * more than all else. The backend adds up the processes of each program.
 */
import { AUDIT_TARGET } from '../../../contract/audit';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { msLiteral } from '../../../contract/sql/time-literals';
import { StringMap, StringSet } from '../../../contract/string-map';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type ViewContext } from '../view-context';
import { linesSql, type LineSource, withLineSource } from '../processes/line-counts';
import { literals } from '../traces/span-conditions';
import { CLOCK_AHEAD_MS } from '../traces/trace-processes';
import { type Change, CHANGE_BYTES, hasGrown } from './change';
import { ALL_LEVELS } from './changed-lines';
import { type Scope } from './scope';
import { type ChangeWindow, shareOf } from './window';

/** Maximum number of combinations of process, target and level. */
export const MAX_LINE_GROUPS = 20_000;
/** Maximum number of processes whose programs are read: those with the newest data. */
export const MAX_NAMED_PROCESSES = 10_000;
/** Maximum number of processes of the named programs whose lines are compared: those with the newest data. */
export const MAX_PROGRAM_PROCESSES = 2000;
/** Bytes of a process in the map of programs, without its strings. */
const PROCESS_BYTES = 300;

type ProgramScope = Exclude<Scope, { kind: 'processes' }>;

/** Lines of a target and level. */
interface LineGroup extends Pick<Change, 'exe' | 'target' | 'level' | 'after' | 'firstNs'> {
  before: number;
}

interface ProgramLines {
  changes: Change[];
  /** True if there are more than `MAX_LINE_GROUPS` combinations. The others were not compared. */
  isLimited: boolean;
  /** True if the programs have more than `MAX_PROGRAM_PROCESSES` processes. The lines of the others were not read. */
  hasMoreProcesses: boolean;
  /** Number of processes with lines whose program is not known. Their lines have an empty program. */
  unnamed: number;
}

/** Returns the changes in any order. @throws {ProxyError} Errors of the statements. */
export async function programLines(
  scope: ProgramScope,
  window: ChangeWindow,
  lake: ViewContext
): Promise<ProgramLines> {
  const programs = await programsOf(scope, window, lake);
  const ids = scope.kind === 'lakehouse' ? undefined : [...programs.keys()].slice(0, MAX_PROGRAM_PROCESSES);
  if (ids?.length === 0) {
    return { changes: [], isLimited: false, hasMoreProcesses: false, unnamed: 0 };
  }
  const range = { fromMs: window.beforeMs, toMs: window.toMs };
  return withLineSource(async (source) => {
    const groups = new StringMap<LineGroup>();
    const unnamed = new StringSet();
    let rows = 0;
    const heap = new HeapCount(lake.memory);
    const maxRows = MAX_LINE_GROUPS + 1;
    const sql = linesByProcessSql(ids, window, lake, source);
    for await (const batch of lake.read({ sql, range, maxRows, columns: LINE_COLUMNS })) {
      const [processIds, targets] = [batch.ids('process_id'), batch.strings('target')];
      const levels = batch.numbers('level');
      const [before, after] = ['before_lines', 'after_lines'].map((name) => batch.counts(name));
      const first = batch.int64('first_time');
      for (let row = 0; row < Math.min(batch.length, MAX_LINE_GROUPS - rows); row++) {
        const [id, target] = [processIds(row), targets(row) ?? ''];
        const exe = programs.get(id);
        if (exe === undefined) {
          unnamed.add(id);
        }
        const group = { exe: exe ?? '', target, level: levels[row], before: before[row], after: after[row] };
        const isNew = addGroup(groups, { ...group, firstNs: first[row] });
        heap.add(isNew ? CHANGE_BYTES + stringBytes(target) : 0);
      }
      rows += batch.length;
      heap.note();
    }
    return {
      changes: changesOf([...groups.values()], window, isOneProgram(scope)),
      isLimited: rows > MAX_LINE_GROUPS,
      hasMoreProcesses: ids !== undefined && programs.size > MAX_PROGRAM_PROCESSES,
      unnamed: unnamed.size,
    };
  });
}

/** Adds a group of a process to the group of its program. @returns True if that group is new. */
function addGroup(groups: StringMap<LineGroup>, group: LineGroup): boolean {
  const key = JSON.stringify([group.exe, group.target, group.level]);
  const known = groups.get(key);
  const isEarlier = known === undefined || known.after === 0 || (group.after > 0 && group.firstNs < known.firstNs);
  groups.set(key, {
    ...group,
    before: group.before + (known?.before ?? 0),
    after: group.after + (known?.after ?? 0),
    firstNs: isEarlier ? group.firstNs : known.firstNs,
  });
  return known === undefined;
}

/**
 * The lines of a program that wrote no lines before come last, because all of them are new. If the scope is only this
 * program, they are what the query asks for.
 */
function changesOf(groups: readonly LineGroup[], window: ChangeWindow, isOneProgram: boolean): Change[] {
  const known = new StringSet(groups.filter(({ before }) => before > 0).map(({ exe }) => exe));
  return groups.flatMap(({ before, ...group }) => {
    const expected = before * shareOf(window);
    const isChange = group.after > 0 && (before === 0 || hasGrown(expected, group.after));
    const ifNew = isOneProgram || known.has(group.exe) ? 'new-lines' : 'first-lines';
    return isChange ? [{ ...group, kind: before === 0 ? ifNew : 'more-lines', before: expected }] : [];
  });
}

function isOneProgram(scope: ProgramScope): boolean {
  return scope.kind === 'programs' && scope.exes.length === 1;
}

/** The columns of `linesByProcessSql`. */
const LINE_COLUMNS: ResultColumns = {
  process_id: 'string',
  target: 'string',
  level: 'number',
  first_time: 'int64',
  before_lines: 'number',
  after_lines: 'number',
};

/**
 * @param processIds Undefined: all processes. The server's records of queries are left out then, because the queries of
 * dashboards cause them.
 */
function linesByProcessSql(
  processIds: readonly string[] | undefined,
  { beforeMs, fromMs, toMs }: ChangeWindow,
  { nowMs }: ViewContext,
  source: LineSource
): string {
  const columns = 'process_id, target, level';
  // A subquery that finds the processes costs the server far more than a list of their ids.
  const ofScope =
    processIds === undefined
      ? ` AND target <> ${quoteLiteral(AUDIT_TARGET)}`
      : ` AND process_id IN (${literals(processIds)})`;
  const lines = linesSql({ range: { fromMs: beforeMs, toMs }, nowMs }, source, ALL_LEVELS, ofScope, columns);
  const inWindow = `time >= ${msLiteral(fromMs)}`;
  return (
    `SELECT ${columns}, min(CASE WHEN ${inWindow} THEN time END) AS first_time,\n` +
    `  cast(sum(CASE WHEN ${inWindow} THEN 0 ELSE lines END) AS bigint) AS before_lines,\n` +
    `  cast(sum(CASE WHEN ${inWindow} THEN lines ELSE 0 END) AS bigint) AS after_lines\n` +
    `FROM (\n${lines}\n) AS counted GROUP BY ${columns}\n` +
    // If there are too many groups, those with most lines are compared.
    `ORDER BY sum(lines) DESC, ${columns} LIMIT ${MAX_LINE_GROUPS + 1}`
  );
}

/** The columns of the statement of `programsOf`. */
const PROGRAM_COLUMNS: ResultColumns = { process_id: 'string', exe: 'string' };

/**
 * Returns the programs of the processes with data of the window or of the time before, by process id. Processes are
 * found by their blocks, because the server then also finds data that arrived late.
 */
async function programsOf(
  scope: ProgramScope,
  { beforeMs, toMs }: ChangeWindow,
  lake: ViewContext
): Promise<StringMap<string>> {
  const ofScope = scope.kind === 'lakehouse' ? '' : `"processes.exe" IN (${literals(scope.exes)}) AND `;
  const maxRows = scope.kind === 'lakehouse' ? MAX_NAMED_PROCESSES : MAX_PROGRAM_PROCESSES + 1;
  const sql =
    `SELECT process_id, max("processes.exe") AS exe FROM blocks\n` +
    `WHERE ${ofScope}begin_time <= ${msLiteral(toMs)} AND end_time >= ${msLiteral(beforeMs)}\n` +
    `GROUP BY process_id ORDER BY max(end_time) DESC, process_id LIMIT ${maxRows}`;
  const programs = new StringMap<string>();
  const heap = new HeapCount(lake.memory);
  const range = { fromMs: beforeMs - CLOCK_AHEAD_MS, toMs };
  for await (const batch of lake.read({ sql, range, maxRows, columns: PROGRAM_COLUMNS })) {
    const [ids, exes] = [batch.ids('process_id'), batch.strings('exe')];
    for (let row = 0; row < batch.length; row++) {
      const exe = exes(row) ?? '';
      heap.add(PROCESS_BYTES + stringBytes(exe));
      programs.set(ids(row), exe);
    }
    heap.note();
  }
  return programs;
}
