/** A query with the same metadata as any other: it proves the sign-in, the attribution, and that queries run. */
import { randomUUID } from 'node:crypto';
import { readMessageHeader } from '../../arrow-ipc';
import { type ErrorCode } from '../../errors/catalogue';
import { ProxyError } from '../../errors/proxy-error';
import { type AttributionMode, type FlightMessage } from '../../flight-sql/flight-sql-client';
import { type AuditedStatement } from './audit-log';
import { type HealthCall, type HealthInstance } from './health-instance';
import { answersAnybody } from './open-server';
import { explainRefusal } from './refused-token';
import { type StageContext } from './stage-context';
import { type SeenToken } from './token-words';
import { type Trial } from './trials';
import { whoAmI } from './who-am-i';
import { callerOfTrial, whoAmIText } from './who-am-i-text';

/** What a passed test statement leaves to the stages after it. */
export interface TestStatement extends AuditedStatement {
  attribution: AttributionMode;
  /** True when the server asks nobody for a sign-in. */
  isOpen: boolean;
}

interface Outcome {
  /** Milliseconds since 1970 at which the server had taken the sign-in, if it had. */
  acceptedAtMs?: number;
  rows: number;
  error?: ProxyError;
}

/** Errors of a statement: the server got past the sign-in to report them. */
const STATEMENT_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query_invalid',
  'query_failed',
  'query_unsupported',
  'query_denied',
  'query_range_required',
  'server_resources',
  'result_malformed',
  'result_schema_changed',
]);

const SQL = 'SELECT 1';

const CREDENTIALS: Readonly<Record<Trial['kind'], string>> = {
  none: 'without a sign-in',
  token: 'with the API key',
  'service-account': 'with the access token',
  forwarded: 'with your own token',
};

const OPEN_SERVER =
  'The server answers without a sign-in as well: it did not check who asks, and anybody who reaches it can query it.';

function rowsIn(message: FlightMessage): number {
  const header = readMessageHeader(message.header);
  return header.kind === 'batch' ? header.batch.length : 0;
}

async function runStatement(
  instance: HealthInstance,
  sql: string,
  call: HealthCall,
  now: () => number
): Promise<Outcome> {
  const outcome: Outcome = { rows: 0 };
  try {
    for await (const message of instance.execute(sql, call)) {
      outcome.acceptedAtMs ??= now();
      outcome.rows += rowsIn(message);
      call.memory.sent(0);
    }
    if (outcome.rows !== 1) {
      throw new ProxyError('result_malformed', { detail: `${SQL} gave ${outcome.rows} rows instead of 1.` });
    }
  } catch (reason) {
    outcome.error = ProxyError.from(reason);
    if (STATEMENT_ERRORS.has(outcome.error.code)) {
      outcome.acceptedAtMs ??= now();
    }
  }
  return outcome;
}

/** What the server's answer says of the sign-in. No more than that: what it checked is not seen from here. */
function acceptedText(kind: Trial['kind'], hasSecretToken: boolean): string {
  return hasSecretToken ? `The server took the query ${CREDENTIALS[kind]}.` : 'The server answers without a sign-in.';
}

/**
 * Runs the test statement. Its text is like no other's, so that it can be found in the server's audit log.
 *
 * @throws {ProxyError} with the token explained, where the server refused it.
 */
export async function statementStages(
  context: StageContext,
  trial: Trial,
  seen: SeenToken | undefined
): Promise<TestStatement> {
  const { report, instance, now } = context;
  const { kind, call } = trial;
  const ofWhom = kind === 'forwarded' ? ' as yourself' : '';
  const server = {
    name: 'server',
    title: `Sign-in at the server${ofWhom}`,
    tried: `${SQL} ${CREDENTIALS[kind]}`,
  } as const;
  const query = { name: 'query', title: `Query${ofWhom}`, tried: SQL } as const;
  const mark = `save-and-test ${randomUUID()}`;
  const sql = `${SQL} /* ${mark} */`;
  const startedMs = now();
  const opening = kind === 'none' || !context.isThorough ? Promise.resolve(false) : answersAnybody(context);
  const { attribution } = instance.settings;
  // The token that the stage before explained, and no other.
  const tried = kind === 'service-account' && context.isThorough ? seen?.token : undefined;
  const { error, acceptedAtMs } = await runStatement(instance, sql, { ...call, tried }, now);
  const endedMs = now();
  const isOpen = await opening;
  if (acceptedAtMs === undefined) {
    const refusal = await explainRefusal(context, ProxyError.from(error), seen);
    throw report.failed(server, refusal, endedMs - startedMs);
  }
  const who = whoAmI(callerOfTrial(kind, seen?.token.description, isOpen), call.user, attribution);
  const text = `${acceptedText(kind, kind !== 'none')} ${whoAmIText(who, kind, call.user)}`;
  report.passed(server, { text, warnings: isOpen ? [OPEN_SERVER] : [] }, acceptedAtMs - startedMs);
  if (error !== undefined) {
    throw report.failed(query, error, endedMs - acceptedAtMs);
  }
  report.passed(query, { text: `${SQL} gave one row.` }, endedMs - acceptedAtMs);
  return { sql, mark, startedMs, attribution, isOpen };
}
