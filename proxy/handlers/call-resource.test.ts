import { MemoryBudget } from '../observe/memory/memory-budget';
import { ProxyError } from '../base/errors/proxy-error';
import { createLogger } from '../observe/logging/logger';
import { callResource, type CallResourceDeps } from './call-resource';
import { OpenFiles } from './open-files';
import { PendingAuditChecks } from './health/pending-audit-checks';
import { isFile, type JsonResponse, type ResourceRequest } from '../query/plugin-request';
import { ADA } from './testing/health-bench';

function ask(changes: Partial<ResourceRequest>, role = 'Admin') {
  const counted: string[] = [];
  const store = {
    acquire() {
      throw new ProxyError('settings_invalid', { detail: 'Host: Add the port.' });
    },
  };
  const logger = createLogger({ write: () => undefined });
  const auditChecks = new PendingAuditChecks(() => 0);
  const memory = new MemoryBudget({ totalBytes: 1e9 });
  const deps: CallResourceDeps = {
    auditChecks,
    files: new OpenFiles(),
    now: () => 0,
    elapsedMs: () => 0,
    store,
    memory,
    logger,
    metrics: { resourceCalled: (path, status) => counted.push(`${path} ${status}`) },
    describe: () => {
      throw new Error('Not expected');
    },
  };
  const dataSource = {
    uid: 'u',
    orgId: 1,
    name: 'lake',
    jsonData: new Uint8Array(),
    decryptedSecureJsonData: {},
    lastUpdatedMs: 0,
  };
  const request: ResourceRequest = {
    context: { orgId: 1, pluginId: 'p', namespace: '', user: { ...ADA, role }, dataSource, grafanaConfig: {} },
    path: 'tables',
    method: 'GET',
    url: 'tables',
    headers: {},
    body: new Uint8Array(),
    ...changes,
  };
  return callResource(request, deps, new AbortController().signal).then((response) => {
    expect(isFile(response)).toBe(false);
    return { ...(response as JsonResponse), counted };
  });
}

it.each([
  {
    name: 'an unknown path',
    changes: { path: 'nothing' },
    code: 'resource_unknown',
    message: /tables, columns, lookup, who-am-i/,
  },
  {
    name: 'a POST to a route that takes only GET',
    changes: { method: 'POST' },
    code: 'resource_invalid',
    message: /method of tables must be GET/,
  },
  {
    name: 'a lookup by GET, which has no body',
    changes: { path: 'lookup' },
    code: 'resource_invalid',
    message: /method of lookup must be POST/,
  },
  {
    name: 'a lookup without a body',
    changes: { path: 'lookup', method: 'POST' },
    code: 'resource_invalid',
    message: /body is not JSON/,
  },
  {
    name: 'a lookup with wrong settings',
    changes: { path: 'lookup', method: 'POST', body: Buffer.from('{"kind":"view-sets"}') },
    code: 'settings_invalid',
    message: /Add the port/,
  },
  { name: 'wrong settings', changes: { path: 'tables' }, code: 'settings_invalid', message: /Add the port/ },
])('rejects $name', async ({ changes, code, message }) => {
  const { status, body } = await ask(changes);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(body).toEqual({ code, message: expect.stringMatching(message) });
});
