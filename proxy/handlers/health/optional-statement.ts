/** Statements of Save & test whose failure is no problem: older servers do not have what they read. */
import { withLimits } from '../../base/async/with-limits';
import { firstColumn } from './audit-log';
import { type HealthCall, type StageContext } from './check-context';

/** Time limit of the statement, in milliseconds. */
const LIMIT_MS = 1000;

/** The values of the first column. Undefined after a failure. */
export async function optionalColumn(
  { instance, signal, memory }: StageContext,
  call: HealthCall,
  sql: string
): Promise<string[] | undefined> {
  try {
    return await withLimits({ limitMs: LIMIT_MS, signal }, (limited) =>
      firstColumn(instance.execute(sql, { ...call, signal: limited, timeoutMs: LIMIT_MS }), memory)
    );
  } catch {
    return undefined;
  }
}
