/** Statements of Save & test whose failure is no problem: older servers do not have what they read. */
import { withLimits } from '../../base/async/with-limits';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { firstColumn } from './audit-log';
import { type HealthCall, type StageContext } from './check-context';

/** Time limit of the statement, in milliseconds. */
const LIMIT_MS = 1000;

/** The result of a statement, as `read` returns it. Undefined after a failure. */
export async function optionalStatement<Result>(
  { instance, signal }: StageContext,
  call: HealthCall,
  sql: string,
  read: (messages: AsyncIterable<FlightMessage>) => Promise<Result>
): Promise<Result | undefined> {
  try {
    return await withLimits({ limitMs: LIMIT_MS, signal }, (limited) =>
      read(instance.execute(sql, { ...call, signal: limited, timeoutMs: LIMIT_MS }))
    );
  } catch {
    return undefined;
  }
}

/** The values of the first column. Undefined after a failure. */
export function optionalColumn(context: StageContext, call: HealthCall, sql: string): Promise<string[] | undefined> {
  return optionalStatement(context, call, sql, (messages) => firstColumn(messages, context.memory));
}
