/**
 * Warns if the account of the data source is an administrator of the lakehouse, because the data source does not need
 * these rights. Only administrators see the functions that change the lakehouse.
 */
import { message } from '../../../contract/messages/message';
import { type HealthCall, type SignInAttempt, type StageContext } from './check-context';
import { optionalColumn } from './optional-statement';

const FUNCTION = 'retire_partitions';
const SQL = `SELECT routine_name FROM information_schema.routines WHERE routine_name = '${FUNCTION}'`;

/**
 * True if the account sees a function that only administrators see. False after a failure. A failure is normal for
 * older servers, which do not list functions.
 */
async function isAdmin(context: StageContext, call: HealthCall): Promise<boolean> {
  const names = await optionalColumn(context, call, SQL);
  return names?.includes(FUNCTION) === true;
}

/**
 * Records a stage with a warning if the account is an administrator. Never fails.
 *
 * @param attempt If the attempt uses a user's token, no stage is recorded, because a user may be an administrator for
 *   good reason.
 * @param isOpen  True when the server accepts calls without a sign-in.
 * @returns True if the account is known to be an administrator. Always false for users who may not see details.
 */
export async function adminStage(context: StageContext, attempt: SignInAttempt, isOpen: boolean): Promise<boolean> {
  const { report, elapsedMs, isThorough } = context;
  const startedMs = elapsedMs();
  if (!isThorough || !(await isAdmin(context, attempt.call))) {
    return false;
  }
  if (attempt.kind === 'forwarded') {
    return true;
  }
  const code = isOpen || attempt.kind === 'none' ? 'everybody-is-admin' : 'account-is-admin';
  report.passed(
    { name: 'permissions', title: message('stage-permissions'), tried: message('tried-statement', { sql: SQL }) },
    { text: [], warnings: [[message(code)]] },
    elapsedMs() - startedMs
  );
  return true;
}
