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
 * Waits for a result of the parser, and returns it.
 *
 * @param failure The error of the query if the parser has no result.
 * @throws {ProxyError} The error of `failure`, or 'internal' without a parser thread, instead of `NoParserResultError`.
 *   'query_timeout' or 'query_cancelled' if the signal aborts.
 */
export async function parserResult<Value>(
  result: Promise<Value>,
  failure: WithoutResult,
  { signal }: Pick<Deadline, 'signal'>
): Promise<Value> {
  try {
    return await untilAborted(result, signal);
  } catch (reason) {
    throw reason instanceof NoParserResultError ? errorOf(reason, failure) : reason;
  }
}
