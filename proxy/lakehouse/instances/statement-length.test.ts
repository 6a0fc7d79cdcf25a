import { type ProxyError } from '../../base/errors/proxy-error';
import { checkStatementLength, MAX_STATEMENT_CHARACTERS } from './statement-length';

it('allows statements of 2 Mi characters, and no longer ones', () => {
  expect(() => checkStatementLength(' '.repeat(MAX_STATEMENT_CHARACTERS))).not.toThrow();
  expect(() => checkStatementLength(' '.repeat(MAX_STATEMENT_CHARACTERS + 1))).toThrow(
    expect.objectContaining({ code: 'query_too_long' }) as ProxyError
  );
});
