/**
 * Reads the log targets and levels of programs, or of all programs, that have their first lines in the window, or more
 * lines than before the window.
 *
 * The server counts lines by process, because `log_stats` has no program and a join with `processes` costs the server
 * more than all else. The backend adds up the processes of each program.
 */
import { msLiteral } from '../../../contract/sql/time-literals';
import { StringMap, StringSet } from '../../../contract/string-map';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type ViewContext } from '../view-context';
import { linesSql, type LineSource, withLineSource } from '../processes/line-counts';
import { insertionRange } from '../processes/read-processes';
import { literals } from '../traces/span-conditions';
import { type Change, CHANGE_BYTES, hasGrown } from './change';
import { ALL_LEVELS } from './changed-lines';
import { activeSql, ofPrograms } from './changed-processes';
import { type Scope } from './scope';
import { type ChangeWindow, shareOf } from './window';

/** Maximum number of combinations of process, target and level. */
export const MAX_LINE_GROUPS = 20_000;
/** Maximum number of processes whose programs are read. */
export const MAX_NAMED_PROCESSES = 10_000;
/** Maximum delay in milliseconds between the recording and the insertion of a process's data. */
const INSERTED_AFTER_MS = 60 * 60_000;
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
  /** Number of processes with lines whose program is not known. Their lines have an empty program. */
  unnamed: number;
}

/** Returns the changes in any order. @throws {ProxyError} Errors of the statements. */
export async function programLines(
  scope: ProgramScope,
  window: ChangeWindow,
  lake: ViewContext
): Promise<ProgramLines> {
  const exeOf = await programsOf(scope, window, lake);
  const { beforeMs: fromMs, toMs } = window;
  // The server finds the processes of a program by their insertion time, which may be later than their lines.
  const range = { fromMs, toMs: scope.kind === 'lakehouse' ? toMs : toMs + INSERTED_AFTER_MS };
  return withLineSource(async (source) => {
    const groups = new StringMap<LineGroup>();
    const unnamed = new StringSet();
    let rows = 0;
    const heap = new HeapCount(lake.memory);
    const maxRows = MAX_LINE_GROUPS + 1;
    for await (const batch of lake.read({ sql: linesByProcessSql(scope, window, lake, source), range, maxRows })) {
      const [ids, targets] = [batch.ids('process_id'), batch.strings('target')];
      const [levels, before, after] = ['level', 'before_lines', 'after_lines'].map((name) => batch.numbers(name));
      const first = batch.int64('first_time');
      for (let row = 0; row < Math.min(batch.length, MAX_LINE_GROUPS - rows); row++) {
        const [id, target] = [ids(row), targets(row) ?? ''];
        const exe = exeOf(id);
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

function linesByProcessSql(
  scope: ProgramScope,
  { beforeMs, fromMs, toMs }: ChangeWindow,
  { nowMs }: ViewContext,
  source: LineSource
): string {
  const columns = 'process_id, target, level';
  const ofScope =
    scope.kind === 'lakehouse'
      ? ''
      : ` AND process_id IN (SELECT process_id FROM processes WHERE exe IN (${literals(scope.exes)}))`;
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

/** Returns the function that finds the program of a process. Sends no statement if the scope is one program. */
async function programsOf(
  scope: ProgramScope,
  window: ChangeWindow,
  lake: ViewContext
): Promise<(id: string) => string | undefined> {
  if (scope.kind === 'programs' && isOneProgram(scope)) {
    return () => scope.exes[0];
  }
  const { beforeMs: fromMs, toMs } = window;
  const sql = `SELECT p.process_id, p.exe FROM processes AS p WHERE ${ofPrograms(scope)}${activeSql(window)} LIMIT ${MAX_NAMED_PROCESSES}`;
  const programs = new StringMap<string>();
  const heap = new HeapCount(lake.memory);
  const range = insertionRange({ range: { fromMs, toMs }, nowMs: lake.nowMs });
  for await (const batch of lake.read({ sql, range, maxRows: MAX_NAMED_PROCESSES })) {
    const [ids, exes] = [batch.ids('process_id'), batch.strings('exe')];
    for (let row = 0; row < batch.length; row++) {
      const exe = exes(row) ?? '';
      heap.add(PROCESS_BYTES + stringBytes(exe));
      programs.set(ids(row), exe);
    }
    heap.note();
  }
  return (id) => programs.get(id);
}
