/** Reads from the table `streams` when the newest data arrived. */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { type StartTimer, withLimits } from '../../base/async/with-limits';
import { digestOf } from '../../base/digest';
import { ProxyError } from '../../base/errors/proxy-error';
import { readRows } from '../../frames/arrow-ipc';
import { rightsOf } from '../../lakehouse/instances/call-identity';
import { type Instance, type InstanceCall } from '../../lakehouse/instances/instance';
import { withSlot } from '../../lakehouse/instances/with-slot';
import { type Logger } from '../../observe/logging/logger';
import { type MemoryBudget } from '../../observe/memory/memory-budget';
import { type ReadData, STREAM_KINDS } from '../../sql/edit/read-data';
import { type Arrivals, SEARCHED_MS } from './freshness-notice';

/** Time limit of the statement, in milliseconds. */
const LIMIT_MS = 5000;
/** Maximum difference between clocks of servers, in milliseconds. */
const CLOCK_MS = 3_600_000;

/** The arrival times. Undefined if they are not known. */
export type PendingArrivals = Promise<Arrivals | undefined>;

/** The caller for whom the statement runs. */
export type ArrivalsCall = Pick<InstanceCall, 'user' | 'role' | 'forwarded' | 'origin' | 'trace' | 'lane'>;

export interface ArrivalsDeps {
  memory: MemoryBudget;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** For tests. */
  startTimer?: StartTimer;
}

/**
 * Identifies the user and the rights of a call. Users never share arrival times, because users may have rights to
 * different streams.
 *
 * @throws {ProxyError} `identity_missing`
 */
export function callerKey(instance: Instance, call: ArrivalsCall): string {
  return digestOf(JSON.stringify(rightsOf(instance.identityFor(call), call)));
}

/**
 * Sends the statement. It goes on if the query ends, because other queries of the user use its result.
 *
 * @param of The streams. With empty lists, the streams of all processes.
 * @returns Undefined if the statement fails. Never rejects.
 */
export async function askArrivals(
  of: ReadData['of'],
  instance: Instance,
  call: ArrivalsCall,
  { memory: budget, logger, now, startTimer }: ArrivalsDeps
): PendingArrivals {
  const queriedMs = now();
  const range = { fromMs: queriedMs - SEARCHED_MS, toMs: queriedMs + CLOCK_MS };
  try {
    return await withLimits({ limitMs: LIMIT_MS, startTimer, awaitsWork: true }, (signal) => {
      const openMemory = () => budget.open({ signal, limitMs: LIMIT_MS });
      return withSlot(instance, { ...call, range, signal }, openMemory, async (held) => {
        let newest: Arrivals['newest'] | undefined;
        for await (const row of readRows(instance.execute(freshnessSql(of), held), held.memory)) {
          if (newest !== undefined) {
            break;
          }
          newest = Object.fromEntries(
            STREAM_KINDS.map((kind) => [kind, Date.parse(row.string(kind))]).filter(([, time]) => !Number.isNaN(time))
          ) as Arrivals['newest'];
        }
        return newest && { newest, queriedMs };
      });
    });
  } catch (reason) {
    logger.debug('The freshness of data is not known', { code: ProxyError.from(reason).code });
    return undefined;
  }
}

/**
 * SQL that returns one row with one column per kind of stream: the arrival time of the newest data, or null.
 */
function freshnessSql({ process_id, stream_id, exe }: ReadData['of']): string {
  const columns = STREAM_KINDS.map(
    (kind) => `max(CASE WHEN array_has(tags, '${kind}') THEN last_update_time END) AS "${kind}"`
  );
  const isOneOf = (column: string, values: readonly string[]) =>
    `${column} IN (${values.map(quoteLiteral).join(', ')})`;
  const conditions = [
    ...(process_id.length > 0 ? [isOneOf('process_id', process_id)] : []),
    ...(stream_id.length > 0 ? [isOneOf('stream_id', stream_id)] : []),
    ...(exe.length > 0 ? [`process_id IN (SELECT process_id FROM processes WHERE ${isOneOf('exe', exe)})`] : []),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' OR ')}`;
  return `SELECT ${columns.join(', ')} FROM streams${where}`;
}
