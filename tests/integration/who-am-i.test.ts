/**
 * Tests the resource route `who-am-i`, which returns the user whom the server recorded for a Save & test. Save & test
 * does not wait for the audit record. The route reads the record later, and returns it only to the administrator who
 * ran the check.
 */
import { type MicromegasSettings } from '../../contract/settings/settings';
import { type WhoAmIPayload } from '../../contract/resources/resources';
import { generic } from '../fakes/providers/generic';
import { ADA, pluginContext, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { API_KEY, useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();

interface RouteResponse {
  status: number;
  body: WhoAmIPayload & { code?: string; message?: string };
}

async function whoAmI(source: Source, id: string, headers: Record<string, string> = {}): Promise<RouteResponse> {
  const url = `who-am-i?check=${encodeURIComponent(id)}`;
  const response = await lab.plugin.callResource({ context: pluginContext(source), path: 'who-am-i', url, headers });
  return { status: response.status, body: JSON.parse(new TextDecoder().decode(response.body)) };
}

/** Runs a check whose audit record is not written yet. @returns Its id. */
async function checked(source: Source): Promise<string> {
  lab.micromegas.behaviour.isAuditHeld = true;
  const { ok, report, details } = await lab.saveAndTest(source);
  expect(ok ? '' : report).toBe('');
  expect(details.whoAmI?.isProven).toBe(false);
  return details.whoAmI?.checkId ?? '';
}

const apiKey = (changes: MicromegasSettings = {}) =>
  lab.source({ selectedAuthType: 'token', ...changes }, { token: API_KEY.key });

afterEach(() => lab.micromegas.releaseAudit());

const OFF = { enableUserAttribution: false };
const NAME = 'Ada Lovelace <ada@example.com> (ada)';

it.each([
  {
    name: 'an API key',
    make: async () => apiKey(),
    recorded: { user: 'ada', email: 'ada@example.com', serviceAccount: 'lab' },
  },
  { name: 'an API key, attribution off', make: async () => apiKey(OFF), recorded: { user: 'lab' } },
  { name: 'OAuth', make: async () => lab.oauth(await lab.provider(generic)), recorded: { name: NAME } },
  {
    name: 'OAuth, attribution off',
    make: async () => lab.oauth(await lab.provider(generic), OFF),
    recorded: { email: 'unknown' },
  },
])(
  'returns the status "pending" until the record is written, then the recorded identity: $name',
  async ({ make, recorded }) => {
    const source = await make();
    const id = await checked(source);
    expect(id).toMatch(/^[\w-]{22}$/);
    expect((await whoAmI(source, id)).body).toMatchObject({ status: 'pending' });
    await lab.micromegas.releaseAudit();
    // The route reads the audit log at intervals. Between two reads, it returns its previous response.
    let response = await whoAmI(source, id);
    while (response.body.status === 'pending') {
      response = await whoAmI(source, id);
    }
    expect(response).toMatchObject({
      status: 200,
      body: { status: 'found', warnings: [], whoAmI: { isProven: true, recorded: { client: 'grafana', ...recorded } } },
    });
  }
);

describe('a check by Ada', () => {
  let source: Source;
  let id: string;

  beforeAll(async () => {
    source = apiKey();
    id = await checked(source);
  });

  const person = (changes: object) => ({ ...ADA, ...changes });

  it.each([
    ['a viewer', { user: person({ role: 'Viewer' }) }, 403, 'admin_only'],
    ['an editor', { user: person({ role: 'Editor' }) }, 403, 'admin_only'],
    ['a request without a user', { user: undefined }, 403, 'admin_only'],
    ['an anonymous visitor', { user: person({ login: '' }) }, 403, 'admin_only'],
    ['alert rules', { user: { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' } }, 403, 'admin_only'],
    ['public dashboards', { user: { login: 'service', name: '', email: '', role: 'Admin' } }, 403, 'admin_only'],
    ['another administrator', { user: person({ login: 'bob' }) }, 404, 'check_unknown'],
    ['another data source', { uid: 'somewhere-else' }, 404, 'check_unknown'],
    ['a data source with changed settings', { updatedMs: 5 }, 404, 'check_unknown'],
  ] as const)('is not available to %s', async (_name, changes, status, code) => {
    const before = lab.micromegas.calls.length;
    expect(await whoAmI({ ...source, ...changes }, id)).toMatchObject({ status, body: { code } });
    expect(lab.micromegas.calls).toHaveLength(before);
  });

  it.each(['', 'x', "' OR 1=1 --", '%', '__proto__', 'A'.repeat(8000)])(
    'is not found by a wrong id (case %#)',
    async (wrong) => {
      const before = lab.micromegas.calls.length;
      expect(await whoAmI(source, wrong)).toMatchObject({ status: 404, body: { code: 'check_unknown' } });
      expect(lab.micromegas.calls).toHaveLength(before);
    }
  );

  it('has no id if Ada is a viewer or an editor', async () => {
    for (const role of ['Viewer', 'Editor']) {
      const { details } = await lab.saveAndTest({ ...source, user: person({ role }) });
      expect(details.whoAmI?.checkId).toBeUndefined();
    }
  });

  it('causes few requests to the server, however often the route is called', async () => {
    const before = lab.micromegas.calls.length;
    const responses = await Promise.all(Array.from({ length: 100 }, () => whoAmI(source, id)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(lab.micromegas.calls.length - before).toBeLessThanOrEqual(4);
  });
});

expectNoSecretsAtEnd();
