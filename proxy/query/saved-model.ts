/** Reads the saved model of a query. Any user who may run queries can send any model. */
import { parseJson } from '../../contract/parse-json';
import { MAX_MODEL_BYTES, queryProblem } from '../../contract/queries/query-bounds';
import { ProxyError } from '../base/errors/proxy-error';
import { type DataQuery } from './plugin-request';
import { inMegabytes } from './result-limits';

/**
 * The saved model as a JSON value, after a check of its fields. @throws {ProxyError} 'query_model_invalid',
 * 'query_too_long'
 */
export function savedModel({ json }: DataQuery): unknown {
  if (json.length > MAX_MODEL_BYTES) {
    throw new ProxyError('query_too_long', {
      detail: `The saved query has ${inMegabytes(json.length)} with all of its fields; at most ${inMegabytes(MAX_MODEL_BYTES)} are allowed.`,
    });
  }
  let saved: unknown;
  try {
    saved = parseJson(new TextDecoder().decode(json));
  } catch (cause) {
    throw new ProxyError('query_model_invalid', { detail: 'The saved query is not JSON.', cause });
  }
  const problem = queryProblem(saved);
  if (problem !== undefined) {
    throw new ProxyError(problem.kind === 'too-long' ? 'query_too_long' : 'query_model_invalid', {
      detail: [problem.message],
    });
  }
  return saved;
}
