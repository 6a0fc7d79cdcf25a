/** Parameters of a resource call. */
import { ProxyError } from '../base/errors/proxy-error';
import { type ResourceRequest } from '../query/plugin-request';

/** Maximum length of a query string, in characters. */
const MAX_QUERY_STRING = 8192;

/**
 * A parameter of the call; empty when it is missing. Only the query string is parsed, because the rest of the URL may
 * be invalid.
 *
 * @throws {ProxyError} 'resource_invalid' when the query string is too long.
 */
export function parameter({ url }: Pick<ResourceRequest, 'url'>, name: string): string {
  const [beforeFragment = ''] = url.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  const queryString = mark < 0 ? '' : beforeFragment.slice(mark + 1);
  if (queryString.length > MAX_QUERY_STRING) {
    throw new ProxyError('resource_invalid', {
      detail: `The query string has ${queryString.length} characters; at most ${MAX_QUERY_STRING} are allowed.`,
    });
  }
  return new URLSearchParams(queryString).get(name) ?? '';
}
