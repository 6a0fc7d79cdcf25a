/**
 * Runs jobs of the SQL parser for a query. Without the result of a required job, the query fails. An optional job makes
 * the query cheaper, and the query also runs without its result. Jobs of different users take turns.
 */
import { type Deadline } from '../base/async/deadline';
import { untilAborted } from '../base/async/with-limits';
import { type ErrorCode } from '../base/errors/catalogue';
import { noFileHandles } from '../base/errors/no-file-handles';
import { ProxyError } from '../base/errors/proxy-error';
import { type JobResults, type ParserJob, type SqlParser } from '../sql/edit/parser-jobs';
import { JOB_MS, NoParserResultError } from '../sql/edit/running-thread';
import { type GrafanaUser } from './plugin-request';

/** The fields of a running query that a job needs. */
export interface ParserJobRun {
  request: { context: { user: Pick<GrafanaUser, 'login'> | undefined } };
  deadline: Deadline;
  deps: { parser: SqlParser };
}

/** The name of the user in the queue of the parser: the login. Empty without a user. */
export function loginOf({ request }: Pick<ParserJobRun, 'request'>): string {
  return request.context.user?.login ?? '';
}

/** The error of a query that needs a result of the parser, but gets no result. */
export interface WithoutResult {
  code: ErrorCode;
  /** What the user can do instead, as the end of a sentence. Undefined: there is no alternative. */
  alternative?: string;
}

function errorOf(cause: NoParserResultError, { code, alternative }: WithoutResult): ProxyError {
  const or = alternative === undefined ? '.' : `, or ${alternative}.`;
  switch (cause.reason) {
    case 'slow':
      return new ProxyError(code, {
        detail: `Parsing the query takes more than ${JOB_MS} ms.`,
        advice: `Nest fewer function calls, CASE expressions and subqueries in the query${or}`,
        cause,
      });
    case 'crashed':
      return new ProxyError(code, {
        detail: 'The query cannot be parsed.',
        ...(alternative !== undefined && { advice: `Write the query in another way${or}` }),
        cause,
      });
    case 'busy':
      return new ProxyError(code, {
        detail: 'Too many other queries are being parsed.',
        advice: `Run the query again${or}`,
        cause,
      });
    case 'no-thread':
      return cause.cause instanceof ProxyError
        ? cause.cause
        : (noFileHandles(cause.cause) ??
            new ProxyError('internal', { detail: 'The SQL parser cannot be started.', cause }));
  }
}

/**
 * Runs a job whose result the query needs, and converts errors of the parser's thread to errors for the user.
 *
 * @param without The error that is thrown if the parser has no result.
 * @throws {ProxyError} Errors of the job, the error of `without`, 'internal' if there is no parser thread,
 *   'query_timeout', 'query_cancelled'
 */
export async function requiredJob<Job extends ParserJob>(
  job: Job,
  without: WithoutResult,
  run: ParserJobRun
): Promise<JobResults[Job['kind']]> {
  try {
    return await untilAborted(run.deps.parser.run(job, loginOf(run)), run.deadline.signal);
  } catch (reason) {
    throw reason instanceof NoParserResultError ? errorOf(reason, without) : reason;
  }
}

type OptionalJob = Extract<ParserJob, { kind: 'time-order' | 'incremental' }>;

/**
 * Runs a job that makes the query cheaper.
 *
 * @returns The result of the job. Undefined if the parser has no result.
 * @throws {ProxyError} 'query_timeout', 'query_cancelled'
 */
export async function optionalJob<Job extends OptionalJob>(
  job: Job,
  run: ParserJobRun
): Promise<JobResults[Job['kind']] | undefined> {
  return untilAborted(run.deps.parser.run(job, loginOf(run)), run.deadline.signal).catch(() => {
    run.deadline.check();
    return undefined;
  });
}
