import { ProxyError } from '../../errors/proxy-error';
import {
  type Bench,
  check,
  failing,
  goodOAuth,
  NOW_MS,
  quickWait,
  result,
  type Setup,
  stageNamed,
  stagesOf,
} from '../testing/health-bench';

const RECORD = {
  user: 'ada',
  email: 'ada@example.com',
  name: 'Ada',
  service_account_name: 'dashboards',
  client: 'grafana',
};

/** A server whose audit log shows the test statement from the n-th look on. */
function audited(record: object = RECORD, fromLook = 1): Pick<Setup, 'execute'> {
  let statement = '';
  let looks = 0;
  return {
    execute(sql) {
      if (sql.startsWith('SELECT 1 ')) {
        statement = sql;
        return result('value', [1]);
      }
      if (sql.startsWith('SELECT target')) {
        return result('target', ['flightsql_query_audit']);
      }
      looks += 1;
      const ownLook = JSON.stringify({ ...RECORD, user: 'the look itself', sql });
      const entries = looks < fromLook ? [] : [JSON.stringify({ ...record, sql: statement })];
      return result('msg', ['no JSON', ownLook, ...entries]);
    },
  };
}

const looksOf = ({ statements }: Bench) => statements.filter(({ sql }) => sql.startsWith('SELECT msg'));

it('proves who the user is by the record of the test query', async () => {
  const bench = await check(audited());
  const { details } = bench.result;
  expect(details.whoAmI).toEqual({
    isAttributionOn: true,
    isProven: true,
    recorded: { user: 'ada', email: 'ada@example.com', name: 'Ada', serviceAccount: 'dashboards', client: 'grafana' },
    otherwise: { user: 'dashboards', email: 'service-account', client: 'grafana' },
  });
  expect(stageNamed(bench.result, 'audit')).toMatchObject({
    status: 'ok',
    text: 'The record of the test query says user ada, e-mail ada@example.com, name Ada, service account dashboards, client grafana.',
  });
});

it('looks for the very statement, within a short time range', async () => {
  const bench = await check(audited());
  const [look] = looksOf(bench);
  const mark = /save-and-test [0-9a-f-]{36}/.exec(bench.statements[0]?.sql ?? '')?.[0];
  expect(look?.sql).toContain(`LIKE '%${mark}%' LIMIT`);
  expect(look?.call.range).toEqual({ fromMs: NOW_MS - 600_000, toMs: NOW_MS + 600_000 });
});

it('looks again until the record is there', async () => {
  const bench = await check(audited(RECORD, 3));
  expect(looksOf(bench)).toHaveLength(3);
  expect(bench.result.details.whoAmI?.isProven).toBe(true);
});

const unproven: Array<{ name: string; setup: Setup; looks: number; text: RegExp }> = [
  { name: 'after a few looks', setup: audited(RECORD, 100), looks: 5, text: /was not there within 2.5 s.*not proven/ },
  {
    name: 'at once where there is no audit',
    setup: {},
    looks: 0,
    text: /no audit records of the last hour.*not proven/,
  },
  {
    name: 'where the log cannot be read',
    setup: {
      execute: (sql) =>
        sql.startsWith('SELECT 1 ') ? result('value', [1]) : failing(new ProxyError('permission_denied')),
    },
    looks: 0,
    text: /could not be read \(The server does not allow this\.\).*not proven/,
  },
  {
    name: 'when the time is over',
    setup: {
      execute: (sql) => (sql.startsWith('SELECT 1 ') ? result('value', [1]) : neverAnswering()),
      wait: (ms, signal) => (ms === 2500 ? Promise.resolve() : quickWait(ms, signal)),
    },
    looks: 0,
    text: /was not there within 2.5 s/,
  },
];
it.each(unproven)('passes unproven $name', async ({ setup, looks, text }) => {
  const bench = await check(setup);
  expect(bench.result.status).toBe('ok');
  expect(looksOf(bench)).toHaveLength(looks);
  expect(stageNamed(bench.result, 'audit')).toMatchObject({ status: 'ok', text: expect.stringMatching(text) });
  expect(bench.result.details.whoAmI?.isProven).toBe(false);
});

function neverAnswering() {
  return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
}

it('does not look where log_entries is not listed', async () => {
  const { result: found, statements } = await check({ getTables: () => result('table_name', ['measures']) });
  expect(stagesOf(found)).not.toContain('audit ok');
  expect(statements).toHaveLength(1);
  expect(found.details.whoAmI).toMatchObject({ isProven: false, recorded: { user: 'ada' } });
});

it.each([
  { name: 'a user', record: { ...RECORD, user: 'someone' } },
  { name: 'a name', record: { ...RECORD, name: undefined } },
])('warns of $name that is not the expected one', async ({ record }) => {
  const { result: found } = await check(audited(record));
  expect(stagesOf(found)).toContain('audit warning');
  expect(found.message).toContain('changes the x-user headers');
});

it('takes the name of a key for what the log says', async () => {
  const record = { user: 'dashboards', email: 'service-account', client: 'grafana' };
  const { result: found } = await check({ ...audited(record), settings: { attribution: 'off' } });
  expect(stagesOf(found)).toContain('audit ok');
  expect(found.details.whoAmI).toMatchObject({
    isProven: true,
    recorded: { user: 'dashboards' },
    otherwise: { user: 'ada', serviceAccount: 'dashboards' },
  });
});

it('reads the record of a service account', async () => {
  const record = {
    user: 'grafana@clients',
    email: 'unknown',
    name: 'Ada <ada@example.com> (ada)',
    service_account: false,
    client: 'grafana',
  };
  const { result: found } = await check({ ...goodOAuth(), ...audited(record) });
  expect(found.details.whoAmI).toMatchObject({ isProven: true, recorded: { user: 'grafana@clients' } });
  expect(stagesOf(found)).toContain('audit ok');
});
