import { readQuery } from '../../../contract/queries/query';
import { Deadline } from '../../base/async/deadline';
import { ProxyError } from '../../base/errors/proxy-error';
import { NoParserResultError } from '../../sql/edit/running-thread';
import { AuthoredSql } from '../authored-sql';
import { type QueryDeps } from '../query-run';
import { inDirection } from './sql';

const options = readQuery({ query: 'SELECT time, msg FROM log_entries', format: 'logs', direction: 'backward' });
const sql = new AuthoredSql(options.sql);
const context = {
  orgId: 1,
  pluginId: 'micromegas',
  namespace: '',
  user: undefined,
  dataSource: undefined,
  grafanaConfig: {},
};

function ordered(failure: Error): Promise<AuthoredSql> {
  const deadline = new Deadline({ limitMs: 1000, signal: new AbortController().signal, startTimer: () => () => {} });
  const request = { context, headers: {}, queries: [], encoding: 'arrow' as const };
  const deps = { parser: { run: () => Promise.reject(failure) } } as unknown as QueryDeps;
  return inDirection(sql, options, { request, deadline, deps });
}

it.each(['busy', 'slow', 'crashed'] as const)('fails if the parser is %s', async (reason) => {
  await expect(ordered(new NoParserResultError(reason))).rejects.toMatchObject({ code: 'log_order_not_applied' });
});

it('keeps an order that the SQL already has', async () => {
  const failure = new ProxyError('log_page_not_ordered', { detail: 'The query has an order or a limit of its own.' });
  await expect(ordered(failure)).resolves.toBe(sql);
});
