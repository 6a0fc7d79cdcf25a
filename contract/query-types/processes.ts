/** Queries of the type `processes`: the processes of a time range, their parents and children, and their images. */
import { type InferOutput, picklist } from 'valibot';
import { isFilled, missingOr, numberIn, objectOf, shortString } from '../schemas';
import { type QueryType } from './query-type';

/**
 * `list`: a table of processes. `tree`: a node graph of a process with its parents and children. `images`: a table of
 * the images of a process.
 */
export const PROCESS_VIEWS = ['list', 'tree', 'images'] as const;
export type ProcessView = (typeof PROCESS_VIEWS)[number];

/**
 * `running`: sends telemetry until the end of the range. `ended`: stopped sending telemetry earlier, and did not crash.
 * `crashed`: ended with a fatal log message.
 */
export const PROCESS_STATES = ['running', 'ended', 'crashed'] as const;
export type ProcessState = (typeof PROCESS_STATES)[number];

/** Properties in which Rust, Unreal Engine and OpenTelemetry store a program's version. The most common is first. */
export const VERSION_KEYS: readonly string[] = ['version', 'build-version', 'otel.resource.service.version'];

/** Default number of rows. */
export const DEFAULT_PROCESSES = 200;
/** Maximum of `limit`, in rows. */
export const MAX_LISTED_PROCESSES = 5000;

const processesQuery = objectOf({
  view: picklist(PROCESS_VIEWS),
  /** A string that the program, the computer, the user or the process id contains, in any letter case. */
  search: missingOr(shortString),
  /** The whole name of the program. `computer` and `username` are whole names too. */
  exe: missingOr(shortString),
  computer: missingOr(shortString),
  username: missingOr(shortString),
  /** The whole version: the value of the first property in `VERSION_KEYS` that the process has. */
  version: missingOr(shortString),
  state: missingOr(picklist(PROCESS_STATES)),
  /**
   * The view `images` shows the images of this process, the view `tree` shows its parents and children, and the view
   * `list` lists only this process. Required by `images`.
   */
  processId: missingOr(shortString),
  /** Maximum number of rows. Default: `DEFAULT_PROCESSES`. */
  limit: missingOr(numberIn(1, MAX_LISTED_PROCESSES)),
});

export type ProcessesQuery = InferOutput<typeof processesQuery>;

/** The view `images` needs a process. */
export const PROCESSES: QueryType<ProcessesQuery> = {
  label: 'Processes',
  schema: processesQuery,
  required: [],
  hasInput: ({ view, processId }) => view !== 'images' || isFilled(processId),
};
