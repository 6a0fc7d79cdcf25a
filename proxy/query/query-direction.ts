/** Orders a logs query by time as its field `direction` says. Its filters are already in the SQL, and its macros are not expanded yet. */
import { ProxyError } from '../base/errors/proxy-error';
import { assemble } from '../sql/edit/assemble';
import { parserAnswer } from './parser-answer';
import { type QueryModel, withSql } from './prepare-query';
import { type FilterDeps, type QueryStep } from './query-filters';

/**
 * A query without a direction is returned as it is, and so is one whose SQL cannot get an order, for example because it has one.
 *
 * @throws {ProxyError} 'log_order_not_applied' if the parser has no result, 'internal', 'query_timeout', 'query_cancelled'
 */
export async function withDirection(
  model: QueryModel,
  { request, deadline }: Pick<QueryStep, 'request' | 'deadline'>,
  { parser }: Pick<FilterDeps, 'parser'>
): Promise<QueryModel> {
  const { sql, direction, format, supplementary, logPage, tail } = model.query;
  const isOther = format !== 'logs' || supplementary !== undefined || logPage !== undefined || tail !== undefined;
  if (model.isEmpty || direction === undefined || isOther) {
    return model;
  }
  try {
    const job = parser.run({ kind: 'order', sql }, request.context.user?.login ?? '');
    const lines = await parserAnswer(job, { code: 'log_order_not_applied' }, deadline);
    return withSql(model, assemble(sql, [lines, `\nORDER BY time${direction === 'backward' ? ' DESC' : ''}`]));
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'log_page_not_ordered') {
      return model;
    }
    throw reason;
  }
}
