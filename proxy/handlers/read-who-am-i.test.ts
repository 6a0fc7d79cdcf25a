import { ProxyError } from '../base/errors/proxy-error';
import { type FlightMessage } from '../lakehouse/flight-sql/flight-sql-client';
import { type InstanceCall } from '../lakehouse/instances/instance';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { PendingAuditChecks, type PendingAuditCheck, type TestQuery } from './health/pending-audit-checks';
import { readWhoAmI } from './read-who-am-i';
import { failing, result } from './testing/health-bench';

const MARK = 'save-and-test 11111111-2222-3333-4444-555555555555';
const SQL = `SELECT 1 /* ${MARK} */`;
const STARTED_MS = Date.UTC(2026, 0, 1);
const USER = { login: 'ada', name: 'Ada', email: 'ada@example.com' };

const QUERY: TestQuery = {
  statement: { sql: SQL, mark: MARK, startedMs: STARTED_MS },
  kind: 'token',
  caller: { kind: 'api-key' },
  user: USER,
  attribution: 'full',
};

const RECORD = {
  user: 'ada',
  email: 'ada@example.com',
  name: 'Ada',
  service_account_name: 'dashboards',
  client: 'grafana',
};

interface Bench {
  auditCheck: PendingAuditCheck;
  nowMs: number;
  looks: Array<{ sql: string; call: InstanceCall }>;
  /** Entries of the audit log that the search returns. */
  entries: string[];
  hasOtherRecords: boolean;
  read(signal?: AbortSignal): ReturnType<typeof readWhoAmI>;
}

function bench(changes: Partial<TestQuery> = {}, response?: () => AsyncIterable<FlightMessage>): Bench {
  const auditChecks = new PendingAuditChecks(() => STARTED_MS);
  const auditCheck = auditChecks.find('owner', auditChecks.add('owner', { ...QUERY, ...changes }));
  if (auditCheck === undefined) {
    throw new Error('The pending audit check was not found.');
  }
  const made: Bench = {
    auditCheck,
    nowMs: STARTED_MS,
    looks: [],
    entries: [],
    hasOtherRecords: false,
    read: (signal = new AbortController().signal) =>
      readWhoAmI(
        auditCheck,
        (sql, call) => {
          made.looks.push({ sql, call });
          const found = sql.startsWith('SELECT msg') ? made.entries : made.hasOtherRecords ? ['x'] : [];
          return response?.() ?? result('found', found);
        },
        {
          user: USER,
          origin: { entrypoint: 'health' },
          signal,
          memory: new MemoryBudget({ totalBytes: 1e9 }).open(),
        },
        () => made.nowMs
      ),
  };
  return made;
}

const entryOf = (record: object, sql = SQL) => JSON.stringify({ ...record, sql });

it('proves the identity of the user by the record of the test query', async () => {
  const { entries, read } = bench();
  entries.push('no JSON', entryOf({ ...RECORD, user: 'somebody else' }, 'SELECT 2'), entryOf(RECORD));
  expect(await read()).toEqual({
    status: 'found',
    warnings: [],
    whoAmI: {
      isAttributionOn: true,
      isProven: true,
      recorded: { user: 'ada', email: 'ada@example.com', name: 'Ada', serviceAccount: 'dashboards', client: 'grafana' },
      otherwise: { user: 'dashboards', email: 'service-account', client: 'grafana' },
    },
  });
});

it('searches a short time range for the mark of the test query, with SQL that does not contain the mark', async () => {
  const { looks, read } = bench();
  await read();
  const [look] = looks;
  expect(look?.sql).toMatch(
    /^SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit' AND msg LIKE .* LIMIT 4$/
  );
  expect(look?.sql.replace("' || '", '')).toContain(`LIKE '%${MARK}%'`);
  expect(look?.sql).not.toContain(MARK);
  expect(look?.call.range).toEqual({ fromMs: STARTED_MS - 600_000, toMs: STARTED_MS + 600_000 });
});

it('reports pending until the record exists, and searches for records of other queries until it finds some', async () => {
  const made = bench();
  expect(await made.read()).toEqual({ status: 'pending', hasRecords: false });
  made.nowMs += 1000;
  made.hasOtherRecords = true;
  expect(await made.read()).toEqual({ status: 'pending', hasRecords: true });
  made.nowMs += 1000;
  expect(await made.read()).toEqual({ status: 'pending', hasRecords: true });
  made.nowMs += 1000;
  made.entries.push(entryOf(RECORD));
  expect(await made.read()).toMatchObject({ status: 'found' });
  expect(made.looks.map(({ sql }) => sql.slice(0, 10))).toEqual(['SELECT msg', 'SELECT tar', 'SELECT msg', 'SELECT tar', 'SELECT msg', 'SELECT msg']); // prettier-ignore
  await made.read();
  expect(made.looks).toHaveLength(6);
});

it('searches once for simultaneous requests, and again only after a pause', async () => {
  const made = bench();
  // One search has two statements while the log has no records of other queries.
  await Promise.all([made.read(), made.read(), made.read()]);
  made.nowMs += 499;
  await made.read();
  expect(made.looks).toHaveLength(2);
  made.nowMs += 1;
  await made.read();
  expect(made.looks).toHaveLength(4);
});

it('searches at most forty times', async () => {
  const made = bench();
  made.auditCheck.hasRecords = true;
  for (let count = 0; count < 50; count++) {
    made.nowMs += 6000;
    expect(await made.read()).toEqual({ status: 'pending', hasRecords: true });
  }
  expect(made.looks).toHaveLength(40);
});

it.each([
  { name: 'a user name', record: { ...RECORD, user: 'someone' } },
  { name: 'a display name', record: { ...RECORD, name: undefined } },
])('warns about $name that differs from the expected value', async ({ record }) => {
  const { entries, read } = bench();
  entries.push(entryOf(record));
  expect(await read()).toMatchObject({ warnings: [{ code: 'record-differs' }] });
});

it('takes the name of an API key from the record', async () => {
  const { entries, read } = bench({ attribution: 'off' });
  entries.push(entryOf({ user: 'dashboards', email: 'service-account', client: 'grafana' }));
  expect(await read()).toMatchObject({
    warnings: [],
    whoAmI: { recorded: { user: 'dashboards' }, otherwise: { user: 'ada', serviceAccount: 'dashboards' } },
  });
});

it('reads the record of a service account', async () => {
  const caller = { kind: 'oidc', subject: 'grafana@clients' } as const;
  const { entries, read } = bench({ kind: 'service-account', caller, attribution: 'name-only' });
  entries.push(entryOf({ user: 'grafana@clients', email: 'unknown', name: 'Ada <ada@example.com> (ada)', client: 'grafana' })); // prettier-ignore
  expect(await read()).toMatchObject({ status: 'found', warnings: [], whoAmI: { isProven: true } });
});

it('fails if the log cannot be read, and searches again for the next request', async () => {
  const made = bench({}, () => failing(new ProxyError('permission_denied')));
  await expect(made.read()).rejects.toMatchObject({ code: 'permission_denied' });
  made.nowMs += 1000;
  await expect(made.read()).rejects.toMatchObject({ code: 'permission_denied' });
  expect(made.looks).toHaveLength(2);
});

it('reports pending if the search reaches the query timeout of the data source', async () => {
  const made = bench({}, () => failing(new ProxyError('query_timeout')));
  expect(await made.read()).toEqual({ status: 'pending', hasRecords: false });
  made.nowMs += 1000;
  expect(await made.read()).toEqual({ status: 'pending', hasRecords: false });
  expect(made.looks).toHaveLength(2);
});

it('fails if the audit record is too large', async () => {
  const { read } = bench({}, () => result('msg', ['x'.repeat(2_000_000)]));
  await expect(read()).rejects.toMatchObject({ code: 'result_too_large' });
});
