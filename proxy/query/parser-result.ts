/** Converts errors of the parser's thread to errors for the user. */
import { type Deadline } from '../base/async/deadline';
import { untilAborted } from '../base/async/with-limits';
import { type ErrorCode } from '../base/errors/catalogue';
import { ProxyError } from '../base/errors/proxy-error';
import { JOB_MS, NoParserResultError } from '../sql/edit/running-thread';

/** The error of a query that needs a result of the parser and gets none. */
export interface WithoutResult {
  code: ErrorCode;
  /** What the user can do instead, as the end of a sentence. Undefined: there is no alternative. */
  withoutIt?: string;
}

function errorOf(cause: NoParserResultError, { code, withoutIt }: WithoutResult): ProxyError {
  const or = withoutIt === undefined ? '.' : `, or ${withoutIt}.`;
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
 * @throws {ProxyError} Instead of `NoParserResultError`, and 'query_timeout' or 'query_cancelled' at the end of the
 *   query.
 */
export async function parserResult<Value>(
  result: Promise<Value>,
  without: WithoutResult,
  { signal }: Pick<Deadline, 'signal'>
): Promise<Value> {
  try {
    return await untilAborted(result, signal);
  } catch (reason) {
    throw reason instanceof NoParserResultError ? errorOf(reason, without) : reason;
  }
}
