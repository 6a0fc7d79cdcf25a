/**
 * The stages of the test query, which shows whether sign-in, attribution and queries work. The query is sent with the
 * same metadata as any other query.
 */
import { randomUUID } from 'node:crypto';
import { message, type Message } from '../../../contract/messages/message';
import { readMessageHeader } from '../../frames/arrow-ipc';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type AttributionMode, type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type AuditedStatement } from './audit-log';
import { callWithoutSignIn } from './call-without-sign-in';
import { type HealthCall, type HealthInstance, type SignInAttempt, type StageContext } from './check-context';
import { explainRejection } from './explain-rejection';
import { type Warning } from './health-report';
import { type SeenToken } from './token-stages';
import { callerOfAttempt, type SignInKind, whoAmI, whoAmIMessage } from './who-am-i';

/** A test statement that passed. */
export interface TestStatement extends AuditedStatement {
  attribution: AttributionMode;
  /** True when the server accepts calls without a sign-in. */
  isOpen: boolean;
}

interface Outcome {
  /**
   * Time of the first evidence that the server accepts the sign-in, in milliseconds of the monotonic clock. Undefined:
   * there was no evidence.
   */
  acceptedMs?: number;
  rows: number;
  error?: ProxyError;
}

/** Errors about the statement or its result. They occur only after the server has accepted the sign-in. */
const STATEMENT_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query_invalid',
  'query_failed',
  'lakehouse_unavailable',
  'query_unsupported',
  'query_denied',
  'query_range_required',
  'server_resources',
  'result_malformed',
  'result_schema_changed',
]);

const SQL = 'SELECT 1';

/**
 * Runs a statement if the user has two tokens. Afterwards, the instance knows which of the tokens the server accepts,
 * and the stages describe that token. A failure is ignored, because the stages run a statement too, and report its
 * failure.
 */
export async function settleOwnToken({ instance, memory }: StageContext, call: HealthCall): Promise<void> {
  const identity = instance.identityFor(call);
  if (identity.kind !== 'forwarded' || identity.other === undefined) {
    return;
  }
  try {
    for await (const received of instance.execute(SQL, call)) {
      void received;
      memory.sent(0);
    }
  } catch {
    // The failure is ignored, because the stages repeat the call.
  }
}

function rowsIn({ header: bytes }: FlightMessage): number {
  const header = readMessageHeader(bytes);
  return header.kind === 'batch' ? header.batch.length : 0;
}

async function runStatement(
  instance: HealthInstance,
  sql: string,
  call: HealthCall,
  elapsedMs: () => number
): Promise<Outcome> {
  const outcome: Outcome = { rows: 0 };
  try {
    for await (const received of instance.execute(sql, call)) {
      outcome.acceptedMs ??= elapsedMs();
      outcome.rows += rowsIn(received);
      call.memory.sent(0);
    }
    if (outcome.rows !== 1) {
      throw new ProxyError('result_malformed', { detail: `${SQL} returned ${outcome.rows} rows instead of 1.` });
    }
  } catch (reason) {
    outcome.error = ProxyError.from(reason);
    if (STATEMENT_ERRORS.has(outcome.error.code)) {
      outcome.acceptedMs ??= elapsedMs();
    }
  }
  return outcome;
}

function headingsOf(kind: SignInKind) {
  const isOwn = kind === 'forwarded';
  return {
    server: {
      name: 'server',
      title: message(isOwn ? 'stage-server-as-yourself' : 'stage-server'),
      tried: message(`tried-statement-${kind}`, { sql: SQL }),
    },
    query: {
      name: 'query',
      title: message(isOwn ? 'stage-query-as-yourself' : 'stage-query'),
      tried: message('tried-statement', { sql: SQL }),
    },
  } as const;
}

/** The message about an accepted query. The backend cannot observe whether the server checked the sign-in. */
function acceptedMessage(kind: SignInKind): Message {
  return message(kind === 'none' ? 'server-answers-openly' : `query-accepted-${kind}`);
}

/**
 * Runs the test statement, and returns it. Its SQL is unique, so that it can be found in the server's audit log.
 *
 * @throws {ProxyError} If the statement fails. The error explains the token if the server rejected the token.
 */
export async function statementStages(
  context: StageContext,
  attempt: SignInAttempt,
  seen: SeenToken | undefined
): Promise<TestStatement> {
  const { report, instance, now, elapsedMs } = context;
  const { kind, call } = attempt;
  const { server, query } = headingsOf(kind);
  const mark = `save-and-test ${randomUUID()}`;
  const sql = `${SQL} /* ${mark} */`;
  const startedMs = now();
  const beginMs = elapsedMs();
  const { attribution } = instance.settings;
  // The query uses the token that the previous stage has explained.
  const tried = kind === 'service-account' && context.isThorough ? seen?.token : undefined;
  const { error, acceptedMs } = await runStatement(instance, sql, { ...call, tried }, elapsedMs);
  const endedMs = elapsedMs();
  if (acceptedMs === undefined) {
    const rejection = await explainRejection(context, ProxyError.from(error), seen);
    throw report.failed(server, rejection, endedMs - beginMs);
  }
  // A server that lists its tables without a sign-in accepts every key, so an accepted query does not prove that the
  // key is valid. This call is made only after the server has accepted the sign-in. After a rejection, its line in the
  // server's log would mislead an admin who searches the log for the cause.
  const probesOpenness = kind !== 'none' && context.isThorough;
  const isOpen = probesOpenness && (await callWithoutSignIn(context)) === 'accepted';
  const who = whoAmI(callerOfAttempt(kind, seen?.token.description, isOpen), call.user, attribution);
  const messages = [acceptedMessage(kind), whoAmIMessage(who, kind, call.user)];
  const warnings: Warning[] = isOpen ? [[message('server-is-open')]] : [];
  const more = probesOpenness && !isOpen ? [message('open-server-probe')] : undefined;
  report.passed(server, { text: messages, warnings, more }, acceptedMs - beginMs);
  if (error !== undefined) {
    throw report.failed(query, error, endedMs - acceptedMs);
  }
  report.passed(query, { text: [message('one-row', { sql: SQL })] }, endedMs - acceptedMs);
  return { sql, mark, startedMs, attribution, isOpen };
}
