/**
 * Reports which audiences the checked account may read. The server leaves out rows of other audiences without an error,
 * so a missing grant looks like missing data.
 */
import { message, type Message } from '../../../contract/messages/message';
import { joinedList, shownName } from '../../base/errors/foreign-string';
import { readRows } from '../../frames/arrow-ipc';
import { type HealthCall, type SignInAttempt, type StageContext } from './check-context';
import { optionalStatement } from './optional-statement';

/** Maximum number of audiences that are read. */
const MAX_AUDIENCES = 200;
const SQL = `SELECT audience, max(CASE WHEN selector = '*' THEN 1 ELSE 0 END) AS everybody FROM list_audience_grants() WHERE axis = 'read' GROUP BY audience ORDER BY audience LIMIT ${MAX_AUDIENCES}`;

interface Audiences {
  /** Audiences that every caller may read. */
  everybody: string[];
  /** Audiences with grants to users, groups or keys only. */
  granted: string[];
}

/** Reads the audiences. Undefined after a failure. A failure is normal for older servers, which have no audiences. */
function audiencesOf(context: StageContext, call: HealthCall): Promise<Audiences | undefined> {
  return optionalStatement(context, call, SQL, async (messages) => {
    const audiences: Audiences = { everybody: [], granted: [] };
    let count = 0;
    for await (const row of readRows(messages, context.memory)) {
      audiences[Number(row.value('everybody')) === 1 ? 'everybody' : 'granted'].push(row.string('audience'));
      if ((count += 1) === MAX_AUDIENCES) {
        break;
      }
    }
    return audiences;
  });
}

/**
 * The messages about the audiences. For administrators, the server lists all grants. For other callers, it lists grants
 * to the caller or to a group of the caller, but may leave out grants to everybody.
 */
function audienceMessages({ everybody, granted }: Audiences, isAdmin: boolean): Message[] {
  const named = (audiences: readonly string[]) => joinedList(audiences, shownName);
  if (!isAdmin) {
    const own = [...everybody, ...granted].sort();
    return own.length === 0 ? [message('audiences-none')] : [message('audiences-own', { audiences: named(own) })];
  }
  return [
    ...(everybody.length > 0 ? [message('audiences-everybody', { audiences: named(everybody) })] : []),
    ...(granted.length > 0 ? [message('audiences-granted', { audiences: named(granted) })] : []),
  ];
}

/**
 * Records a stage with the audiences. Never fails.
 *
 * @param attempt The sign-in of the data source, or of the user whose token is forwarded.
 * @param isAdmin True if the account is an administrator of the lakehouse.
 */
export async function audiencesStage(context: StageContext, attempt: SignInAttempt, isAdmin: boolean): Promise<void> {
  const { report, elapsedMs, isThorough } = context;
  const startedMs = elapsedMs();
  const audiences = isThorough ? await audiencesOf(context, attempt.call) : undefined;
  const messages = audiences === undefined ? [] : audienceMessages(audiences, isAdmin);
  if (messages.length === 0) {
    return;
  }
  report.passed(
    { name: 'audiences', title: message('stage-audiences'), tried: message('tried-statement', { sql: SQL }) },
    { text: [...messages, message('audiences-hidden')], warnings: [] },
    elapsedMs() - startedMs
  );
}
