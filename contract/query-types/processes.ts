/** Queries of the type `processes`: the processes of a time range, their parents and children, and their images. */
import { isFilled, isMissingOr, isNumberIn, isOneOf, isShortText } from './checks';
import { isObject } from '../is-object';

/**
 * `list`: a table of processes. `tree`: a node graph of a process with its parents and children. `images`: a table of the images
 * of a process.
 */
export const PROCESS_VIEWS = ['list', 'tree', 'images'] as const;
export type ProcessView = (typeof PROCESS_VIEWS)[number];

/** `running`: sends telemetry at the end of the range. `ended`: does not. `crashed`: ended with a fatal log message. */
export const PROCESS_STATES = ['running', 'ended', 'crashed'] as const;
export type ProcessState = (typeof PROCESS_STATES)[number];

export interface ProcessesQuery {
  view: ProcessView;
  /** Part of program, computer, user or id, in any letter case. */
  search?: string;
  /** The whole text. */
  exe?: string;
  computer?: string;
  username?: string;
  /** Value of the property `version`. */
  version?: string;
  state?: ProcessState;
  /** One process: required by `images`; the middle of a `tree`. */
  processId?: string;
  /** Rows. Missing: `DEFAULT_PROCESSES`. */
  limit?: number;
}

export const DEFAULT_PROCESSES = 200;
export const MAX_LISTED_PROCESSES = 5000;

/** True for a request within the bounds. */
export function isProcessesQuery(value: unknown): value is ProcessesQuery {
  return (
    isObject(value) &&
    isOneOf(PROCESS_VIEWS)(value.view) &&
    ['search', 'exe', 'computer', 'username', 'version', 'processId'].every((name) =>
      isMissingOr(isShortText)(value[name])
    ) &&
    isMissingOr(isOneOf(PROCESS_STATES))(value.state) &&
    isMissingOr(isNumberIn(1, MAX_LISTED_PROCESSES))(value.limit)
  );
}

/** True if there is something to run. */
export function hasProcessesInput({ view, processId }: ProcessesQuery): boolean {
  return view !== 'images' || isFilled(processId);
}
