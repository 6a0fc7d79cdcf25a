/** The report of Save & test about the limits of the server's memory and temporary files. */
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { ADA, check, failing, result, type Setup, stageNamed, stagesOf } from '../testing/health-bench';

const listing = (settings: () => AsyncIterable<FlightMessage>): Setup => ({
  execute: (sql) => (sql.includes('df_settings') ? settings() : result('value', [1])),
});

it('names the variables of a server that limits no memory', async () => {
  const { result: found } = await check(listing(() => result('value', ['100G', 'unlimited'])));
  expect(found.status).toBe('ok');
  expect(stagesOf(found).at(-1)).toBe('memory ok');
  const { text } = stageNamed(found, 'memory');
  expect(text).toContain('MICROMEGAS_DATAFUSION_MEMORY_BUDGET_MB');
  expect(text).toContain('100G of temporary files');
});

it('shows the limit of a server that has one', async () => {
  const { result: found } = await check(listing(() => result('value', ['1G', '512M'])));
  const { text } = stageNamed(found, 'memory');
  expect(text).toContain('512M');
  expect(text).not.toContain('MICROMEGAS_DATAFUSION_MEMORY_BUDGET_MB');
});

it.each<{ name: string; setup: Setup }>([
  { name: 'a server that does not list its limits', setup: listing(() => result('value', [])) },
  { name: 'a server that lists one of them', setup: listing(() => result('value', ['1G'])) },
  { name: 'a server that lists other values', setup: listing(() => result('value', ['1G', '<b>unlimited</b>'])) },
  { name: 'a server without these settings', setup: listing(() => failing(new ProxyError('query_invalid'))) },
])('has no stage for $name', async ({ setup }) => {
  const { result: found } = await check(setup);
  expect(found.status).toBe('ok');
  expect(stagesOf(found)).not.toContain('memory ok');
});

it('does not read the limits for a user who is not an admin of Grafana', async () => {
  const { statements } = await check({ user: { ...ADA, role: 'Viewer' } });
  expect(statements.filter(({ sql }) => sql.includes('df_settings'))).toEqual([]);
});
