/**
 * Runs jobs of the SQL parser that a query needs, and converts errors of the parser's thread to errors for the user.
 */
import { untilAborted } from '../base/async/with-limits';
import { type ErrorCode } from '../base/errors/catalogue';
import { ProxyError } from '../base/errors/proxy-error';
import { type JobResults, type ParserJob } from '../sql/edit/parser-jobs';
import { JOB_MS, NoParserResultError } from '../sql/edit/running-thread';
import { loginOf, type QueryRun } from './query-run';

/** The error of a query that needs a result of the parser and gets none. */
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
      return new ProxyError(code, { detail: 'The query cannot be parsed.', cause });
    case 'busy':
      return new ProxyError(code, {
        detail: 'Too many other queries are being parsed.',
        advice: `Run the query again${or}`,
        cause,
      });
    case 'no-thread':
      return cause.cause instanceof ProxyError
        ? cause.cause
        : new ProxyError('internal', { detail: 'The SQL parser cannot be started.', cause });
  }
}

/**
 * Runs a job of the SQL parser, and returns its result. Jobs of different users take turns.
 *
 * @param without The error that is thrown if the parser has no result.
 * @throws {ProxyError} Errors of the job, the error of `without`, 'internal' without a parser thread, 'query_timeout',
 *   'query_cancelled'
 */
export async function parse<Job extends ParserJob>(
  job: Job,
  without: WithoutResult,
  run: Pick<QueryRun, 'request' | 'deadline' | 'deps'>
): Promise<JobResults[Job['kind']]> {
  try {
    return await untilAborted(run.deps.parser.run(job, loginOf(run)), run.deadline.signal);
  } catch (reason) {
    throw reason instanceof NoParserResultError ? errorOf(reason, without) : reason;
  }
}
