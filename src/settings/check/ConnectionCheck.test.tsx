import { type BackendSrvRequest } from '@grafana/runtime';
import { act, cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  type HealthDetails,
  type HealthPayload,
  type HealthStage,
  type WhoAmI,
} from '../../../contract/resources/health';
import { atField, message, type Message } from '../../../contract/messages/message';
import { type WhoAmIPayload } from '../../../contract/resources/resources';
import { TEST_IDS } from '../../shared/test-ids';
import { respondWith } from '../../testing/fake-backend';
import { openSettings } from '../../testing/settings-page';

const DETAILS: HealthDetails = {
  message: '',
  verboseMessage: '',
  stages: [
    {
      name: 'settings',
      title: message('stage-settings'),
      status: 'ok',
      text: [message('settings-with-tls', { address: 'mm:1', signIn: message('sign-in-token') })],
      tookMs: 0.2,
    },
    {
      name: 'token',
      title: message('stage-token'),
      status: 'ok',
      tried: message('tried-post', {
        url: 'https://id.example.com/token',
        route: message('route-direct'),
        authentication: message('expected-secret'),
      }),
      text: [message('token-received', { parts: [message('part-time-left', { duration: '60 min' })] })],
      tookMs: 1540,
    },
    {
      name: 'tables',
      title: message('stage-tables'),
      status: 'warning',
      text: [message('tables-many', { count: 0 }), message('no-tables')],
      tookMs: 12.6,
    },
  ],
};

const PASSED: HealthPayload = { status: 'OK', message: 'Connected to mm:1.', details: DETAILS };
const summary = () => screen.getByTestId(TEST_IDS.checkSummary);
const stage = (name: string) => screen.getByTestId(TEST_IDS.checkStage(name));
const check = () => userEvent.click(screen.getByRole('button', { name: 'Check connection' }));

it('does not run the check when the page opens', () => {
  const asked = respondWith(async () => PASSED);
  openSettings({});
  expect(screen.getByText(/^Not checked yet/)).toBeInTheDocument();
  expect(asked).toEqual([]);
});

it('links the warning about administrators to the documentation', async () => {
  const permissions: HealthStage = {
    name: 'permissions',
    title: message('stage-permissions'),
    status: 'warning',
    text: [message('account-is-admin')],
    tookMs: 8,
  };
  respondWith(async () => ({ ...PASSED, details: { ...DETAILS, stages: [permissions] } }));
  openSettings({});
  await check();
  expect(within(stage('permissions')).getByRole('link')).toHaveAttribute(
    'href',
    expect.stringMatching(/security\.md#administrators-of-the-lakehouse$/)
  );
});

it('shows each stage with its status, its time and what was tried', async () => {
  const asked = respondWith(async () => PASSED);
  openSettings({ uid: 'a/b' });
  await check();
  expect(asked).toEqual(['/api/datasources/uid/a%2Fb/health']);
  expect(summary()).toHaveTextContent('Passed with warningsConnected to mm:1.');
  expect(screen.getByRole('list', { name: 'Stages of the check' }).children).toHaveLength(3);
  expect(stage('settings')).toHaveTextContent('< 1 ms');
  expect(stage('settings')).toHaveTextContent('Settingsmm:1, TLS, API key.');
  expect(stage('token')).toHaveTextContent('POST https://id.example.com/token, client secret');
  expect(stage('token')).toHaveTextContent('Received: 60 min left.');
  expect(stage('token')).toHaveTextContent('1.5 s');
  expect(stage('tables')).toHaveTextContent('13 ms');
  expect(within(stage('tables')).getByRole('img', { name: 'Warning' })).toBeInTheDocument();
});

it('runs the check after the settings were saved, and then shows no unsaved changes', async () => {
  const asked = respondWith(async () => PASSED);
  const page = openSettings({});
  await userEvent.type(screen.getByLabelText(/^Host/), 'mm:1');
  expect(screen.getByText(/^There are unsaved changes/)).toBeInTheDocument();
  expect(asked).toEqual([]);
  page.save();
  expect(await screen.findByTestId(TEST_IDS.checkSummary)).toHaveTextContent('Connected to mm:1.');
  expect(asked).toHaveLength(1);
  expect(screen.queryByText(/^There are unsaved changes/)).toBeNull();
  await userEvent.type(screen.getByLabelText(/^Host/), '{Backspace}2');
  expect(screen.getByText(/^There are unsaved changes/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText(/^Host/), '{Backspace}1');
  expect(screen.queryByText(/^There are unsaved changes/)).toBeNull();
});

it('runs the check when a read-only data source is tested', async () => {
  respondWith(async () => PASSED);
  const page = openSettings({ readOnly: true, jsonData: { host: 'mm:1' } });
  expect(screen.getByText(/^Not checked yet. The button Test runs/)).toBeInTheDocument();
  page.test();
  expect(await screen.findByTestId(TEST_IDS.checkSummary)).toHaveTextContent('Connected to mm:1.');
});

it('treats a typed secret as an unsaved change', async () => {
  openSettings({ jsonData: { selectedAuthType: 'token' } });
  await userEvent.type(screen.getByLabelText(/^API Key/), 'k');
  expect(screen.getByText(/^There are unsaved changes/)).toBeInTheDocument();
});

it('shows the failed stage', async () => {
  const failed: HealthPayload = {
    status: 'ERROR',
    message: 'The server did not accept the token.',
    details: {
      ...DETAILS,
      stages: [
        {
          name: 'server',
          title: message('stage-server'),
          status: 'failed',
          text: [message('server-said', { text: 'invalid token.' })],
          tookMs: 5,
        },
      ],
    },
  };
  // The response to a failed check may have an error status. The body is then the same as with status 200.
  respondWith(() => Promise.reject(Object.assign(new Error('Bad request'), { status: 400, data: failed })));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent(/^Failed: Sign-in at the server$/);
  expect(within(stage('server')).getByRole('img', { name: 'Failed' })).toBeInTheDocument();
});

it('shows the problems of invalid settings once, and leaves the summary to Grafana', async () => {
  const [first] = DETAILS.stages;
  const title = 'The data source settings are incomplete or wrong.';
  const failure: Message = { code: 'failure', values: { error: 'settings_invalid', text: title } };
  const advice = message('failure-advice', { text: 'Correct them.' });
  const failed: HealthStage = {
    ...first,
    status: 'failed',
    text: [failure, atField('host', message('host-missing')), advice],
  };
  respondWith(async () => ({ status: 'ERROR', message: title, details: { ...DETAILS, stages: [failed] } }));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent(/^Failed: Settings$/);
  expect(stage('settings')).toHaveTextContent(/Host: Enter the address/);
  expect(stage('settings')).not.toHaveTextContent(/incomplete|Correct/);
});

it('shows the details of a stage on request', async () => {
  const [first] = DETAILS.stages;
  const more = [message('methods-tried', { methods: ['x'] }), message('grant-not-listed')];
  respondWith(async () => ({ ...PASSED, details: { ...DETAILS, stages: first ? [{ ...first, more }] : [] } }));
  openSettings({});
  await check();
  const toggle = within(stage('settings')).getByRole('button', { name: 'More', expanded: false });
  expect(within(stage('settings')).queryByRole('listitem')).toBeNull();
  await userEvent.click(toggle);
  expect(toggle).toHaveAttribute('aria-expanded', 'true');
  expect(
    within(stage('settings'))
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent)
  ).toEqual(['Tried: x.', "The provider's discovery document does not list the client credentials grant."]);
});

it('shows the rules for the token, and the configuration of the server to copy', async () => {
  const serverConfig = '{"issuers":[{"issuer":"https://id.example.com/","audience":"mm"}]}';
  respondWith(async () => ({
    ...PASSED,
    details: {
      ...DETAILS,
      token: {
        rules: [
          { name: 'algorithm', status: 'ok', text: [message('token-algorithm')] },
          { name: 'issuer', status: 'broken', text: [message('token-bad-groups')] },
        ],
        serverConfig,
      },
    },
  }));
  const user = userEvent.setup();
  openSettings({});
  await user.click(screen.getByRole('button', { name: 'Check connection' }));
  expect(
    within(screen.getByTestId(TEST_IDS.tokenRule('issuer'))).getByRole('img', { name: 'Failed' })
  ).toBeInTheDocument();
  expect(screen.getByTestId(TEST_IDS.serverConfig)).toHaveTextContent(serverConfig);
  expect(screen.getByRole('button', { name: 'Copy the server configuration' })).toBeInTheDocument();
});

describe('the recorded identity', () => {
  const byRules: WhoAmI = {
    isAttributionOn: true,
    recorded: { user: '(the name of the API key)', name: 'Ada', client: 'grafana' },
    otherwise: { user: '(the name of the API key)', client: 'grafana' },
    isProven: false,
    checkId: 'id/1',
  };
  const proven: WhoAmI = { ...byRules, recorded: { ...byRules.recorded, user: 'lab' }, isProven: true };
  const pending: WhoAmIPayload = { status: 'pending', hasRecords: true };
  const record = () => screen.getByTestId(TEST_IDS.auditRecord);
  const rows = () =>
    within(screen.getByRole('table', { name: 'Recorded identity' }))
      .getAllByRole('row')
      .map((row) => row.textContent);

  /** Runs a check. Requests for the audit record get the responses in order; the last response is repeated. */
  async function checked(whoAmI: WhoAmI, ...looks: Array<WhoAmIPayload | Error>) {
    const requests: BackendSrvRequest[] = [];
    respondWith(async (request) => {
      if (request.url.endsWith('/health')) {
        return { ...PASSED, details: { ...DETAILS, whoAmI } };
      }
      requests.push(request);
      const look = looks[Math.min(requests.length, looks.length) - 1];
      return look instanceof Error ? Promise.reject(look) : look;
    });
    const page = openSettings({ uid: 'a/b' });
    const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
    await user.click(screen.getByRole('button', { name: 'Check connection' }));
    await pass(0);
    return { ...page, requests };
  }
  const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("is derived from the server's rules until the audit record is read", async () => {
    const { requests } = await checked(byRules, pending, pending, { status: 'found', whoAmI: proven, warnings: [] });
    expect(record()).toHaveAttribute('data-status', 'waiting');
    expect(screen.getByText(/Waiting for the server/)).toBeInTheDocument();
    expect(rows()).toContain('User(the name of the API key)(the name of the API key)');
    await pass(2600);
    expect(record()).toHaveAttribute('data-status', 'found');
    expect(screen.getByText(/^Read from the server's audit trail/)).toBeInTheDocument();
    expect(screen.queryByText(/Waiting/)).toBeNull();
    expect(rows()).toEqual([
      'Attribution on, as savedAttribution off',
      'Userlab(the name of the API key)',
      'NameAda–',
      'Clientgrafanagrafana',
    ]);
    await pass(100_000);
    expect(requests.map(({ url, params }) => [url, params])).toEqual(
      Array(3).fill(['/api/datasources/uid/a%2Fb/resources/who-am-i', { check: 'id/1' }])
    );
  });

  it('is shown with warnings about the record', async () => {
    await checked(byRules, {
      status: 'found',
      whoAmI: proven,
      warnings: [message('record-differs', { expected: ['user ada'] })],
    });
    await pass(600);
    expect(record()).toHaveTextContent('The server recorded another identity than expected (user ada).');
    expect(within(record()).getByRole('img', { name: 'Warning' })).toBeInTheDocument();
  });

  it.each([
    { hasRecords: true, words: /did not appear in the audit trail within a minute/ },
    { hasRecords: false, words: /no audit records of the last hour/ },
  ])(
    'is requested with growing pauses, for a minute at most (server has other records: $hasRecords)',
    async ({ hasRecords, words }) => {
      const { requests } = await checked(byRules, { status: 'pending', hasRecords });
      await pass(4100);
      expect(requests).toHaveLength(4);
      await pass(50_000);
      expect(record()).toHaveAttribute('data-status', 'waiting');
      await pass(10_000);
      expect(record()).toHaveAttribute('data-status', 'missing');
      expect(screen.getByText(words)).toBeInTheDocument();
      expect(requests).toHaveLength(10);
      await pass(600_000);
      expect(requests).toHaveLength(10);
    }
  );

  it('is shown with the error after a failed request for the record, which is not repeated', async () => {
    const denied = Object.assign(new Error('x'), { status: 403, data: { message: 'The server does not allow this.' } });
    const { requests } = await checked(byRules, denied);
    await pass(600_000);
    expect(screen.getByText(/could not be read.*The server does not allow this\./)).toBeInTheDocument();
    expect(requests).toHaveLength(1);
  });

  it('is no longer requested after the page was left', async () => {
    const { requests } = await checked(byRules, pending);
    await pass(600);
    cleanup();
    await pass(600_000);
    expect(requests).toHaveLength(1);
  });

  it('is not requested without the id of a check', async () => {
    const { requests } = await checked({ ...byRules, checkId: undefined }, pending);
    await pass(600_000);
    expect(requests).toEqual([]);
    expect(screen.getByText(/audit trail was not read, so the values are not proven/)).toBeInTheDocument();
  });
});

it('shows a viewer the result in one line', async () => {
  respondWith(async () => ({ ...PASSED, details: { message: '', verboseMessage: '', stages: [] } }));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent('PassedConnected to mm:1.');
  expect(screen.queryByRole('list', { name: 'Stages of the check' })).toBeNull();
});

it('shows the error when the check could not be run', async () => {
  respondWith(() => Promise.reject(Object.assign(new Error('x'), { status: 403, data: { message: 'Access denied' } })));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent('The check could not be runAccess denied');
});

it.each([
  ['plugin.healthCheck', 'Plugin health check failed', 'the sidecar does not run, or listens at another address'],
  ['plugin.unavailable', 'Plugin unavailable', 'Grafana starts it again'],
  ['plugin.notRegistered', 'Plugin not registered', 'restart Grafana'],
])('says what to do if the backend does not respond: %s', async (messageId, grafana, advice) => {
  respondWith(() => Promise.reject(Object.assign(new Error('x'), { data: { messageId, message: grafana } })));
  openSettings({}).test();
  expect(await screen.findByText('The check could not be run')).toBeInTheDocument();
  expect(summary()).toHaveTextContent(`The backend of the plugin does not respond (Grafana: ${grafana})`);
  expect(summary()).toHaveTextContent(advice);
});

it('shows the result for the latest settings if the result for older settings arrives later', async () => {
  const resolvers: Array<(payload: HealthPayload) => void> = [];
  respondWith(() => new Promise((resolve) => resolvers.push(resolve)));
  const page = openSettings({});
  page.save();
  expect(screen.getByText('Checking the connection…')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Check connection' })).toBeDisabled();
  page.save();
  await act(async () => resolvers[1]({ ...PASSED, message: 'new' }));
  await act(async () => resolvers[0]({ ...PASSED, message: 'old' }));
  expect(summary()).toHaveTextContent('new');
});

it('shows the message of a result without a summary', async () => {
  respondWith(async () => ({ ...PASSED, details: { ...DETAILS, summary: undefined } }));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent('Connected to mm:1.');
});

it("shows the summary with the field labels of the provider's settings form", async () => {
  respondWith(async () => ({ ...PASSED, details: { ...DETAILS, summary: [message('client-id-empty'), message('audience-not-issued')] } })); // prettier-ignore
  openSettings({ jsonData: { selectedAuthType: 'oauth2', oauthIssuer: 'https://accounts.google.com' } });
  await check();
  expect(summary()).toHaveTextContent(
    'Enter the Client ID. Check Target audience: the provider does not issue tokens for it.'
  );
});
