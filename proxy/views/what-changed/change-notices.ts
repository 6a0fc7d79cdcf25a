/** The notices of the table of changes: what was compared, and what was not. */
import { AUDIT_TARGET } from '../../../contract/audit';
import { MAX_CHANGED_PROCESSES } from '../../../contract/query-types/what-changed';
import { formatTimes } from '../../frames/data-frames/format-time';
import { thousands } from '../../frames/data-frames/format-count';
import { type Notice } from '../../frames/data-frames/frame-options';
import { nothingFound } from '../nothing-found';
import { DAY_MS } from '../processes/read-processes';
import { type ViewContext } from '../view-context';
import { MAX_CALL_PROCESSES } from './call-partners';
import { MAX_GROUPS } from './changed-processes';
import { MAX_LINE_GROUPS, MAX_PROGRAM_PROCESSES } from './program-lines';
import { type Scope } from './scope';
import { type ChangeWindow } from './window';

/** Maximum number of changes in the table. */
export const MAX_CHANGES = 50;

const MINUTE_MS = 60_000;

/** What the statements have compared. */
export interface Compared {
  scope: Scope;
  window: ChangeWindow;
  /** Number of processes of the scope that ran in the window or in the time before. */
  examined: number;
  /** Number of processes with lines whose program was not found. */
  unnamed: number;
  /** True if some versions of the programs were left out. */
  hasMoreVersions: boolean;
  /** True if some combinations of process, target and level were left out. */
  hasMoreLines: boolean;
  /** True if the lines of some processes of the programs were not read. */
  hasMoreProcesses: boolean;
  /** True if some callers and callees may be missing, because of a limit. */
  hasMoreCalls: boolean;
}

/** @param changes Number of changes, which may be more than the table shows. */
export function changeNotices(
  changes: number,
  compared: Compared,
  { timezone }: Pick<ViewContext, 'timezone'>
): Notice[] {
  const warnings: Array<[boolean, string]> = [
    [changes > MAX_CHANGES, `There are more changes. The first ${MAX_CHANGES} are shown.`],
    [
      compared.hasMoreVersions,
      `The programs have too many versions. Starts and ends of processes are compared for ${thousands(MAX_GROUPS)} of them.`,
    ],
    [
      compared.hasMoreLines,
      `Only the ${thousands(MAX_LINE_GROUPS)} combinations of process, target and level with most lines are compared. ` +
        'So lines may be listed as new although another process of their program wrote such lines before. Choose Processes or a Program.',
    ],
    [
      compared.hasMoreProcesses,
      `The programs have too many processes. Only the lines of the ${thousands(MAX_PROGRAM_PROCESSES)} processes with the newest data are compared. Choose Processes, or a shorter time range.`,
    ],
    [
      compared.hasMoreCalls,
      `Callers and callees were searched in the traces of at most ${MAX_CALL_PROCESSES} processes, and a query with Processes compares at most ${MAX_CHANGED_PROCESSES}, so some may be missing. ` +
        'Choose the scope Whole lakehouse to compare all processes.',
    ],
    [
      compared.unnamed > 0,
      compared.unnamed === 1
        ? 'The program of 1 process was not found. Its lines are listed without a program.'
        : `The programs of ${thousands(compared.unnamed)} processes were not found. Their lines are listed without a program.`,
    ],
  ];
  return [
    ...comparisonNotices(changes, compared, timezone),
    ...warnings.flatMap(([applies, text]) => (applies ? [{ severity: 'warning' as const, text }] : [])),
  ];
}

/** Says which times and lines were compared. "Nothing is new" is only said of processes that were examined. */
function comparisonNotices(
  changes: number,
  { scope, window, examined }: Compared,
  timezone: string | undefined
): Notice[] {
  const { beforeMs, fromMs, toMs } = window;
  if (changes === 0 && examined === 0) {
    const range = { fromMs: beforeMs, toMs };
    const text = 'Nothing was compared: no process in the scope of the query was active';
    return [nothingFound({ text, range, arrivedBeforeMs: DAY_MS, hasSearched: false }, { timezone })];
  }
  const nothing =
    changes > 0
      ? ''
      : `Nothing is new and nothing has grown in ${thousands(examined)} ${examined === 1 ? 'process' : 'processes'}. `;
  const [length, before] = [toMs - fromMs, fromMs - beforeMs];
  const scaled = length === before ? '' : `, scaled to ${lengthText(length)}`;
  return [
    {
      severity: 'info',
      text:
        `${nothing}The column "After" shows ${formatTimes(fromMs, toMs, timezone)}. ` +
        `The column "Before" shows the preceding ${before === 60 * MINUTE_MS ? 'hour' : lengthText(before)}${scaled}. ` +
        'Targets without new kinds of lines are not compared by message: a new message is not listed if the target had lines of the same level before.' +
        (scope.kind === 'lakehouse' ? ` The lines of ${AUDIT_TARGET}, which queries cause, are left out.` : ''),
    },
  ];
}

/** A length of full minutes, such as `35 min` or `2 h 5 min`. */
function lengthText(ms: number): string {
  const minutes = ms / MINUTE_MS;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''].filter((part) => part !== '').join(' ');
}
