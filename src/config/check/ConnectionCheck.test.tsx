import { type BackendSrvRequest } from '@grafana/runtime';
import { act, cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type HealthDetails, type WhoAmI } from '../../../contract/health';
import { type HealthPayload, type WhoAmIPayload } from '../../../contract/resources';
import { answerWith } from '../../testing/answering-backend';
import { openSettings } from '../../testing/settings-page';

jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  ...jest.requireActual('../../testing/plain-controls'),
}));

const DETAILS: HealthDetails = {
  message: '',
  verboseMessage: '',
  stages: [
    { name: 'settings', title: 'Settings', status: 'ok', text: 'Complete.', tookMs: 0.2 },
    {
      name: 'token',
      title: 'Sign-in token',
      status: 'ok',
      tried: 'POST https://id.example.com/token',
      text: 'A token for an hour.',
      tookMs: 1540,
    },
    { name: 'tables', title: 'Tables', status: 'warning', text: 'There are none.', tookMs: 12.6 },
  ],
};

const PASSED: HealthPayload = { status: 'ok', message: 'Connected to mm:1.', details: DETAILS };
const summary = () => screen.getByTestId('check summary');
const stage = (name: string) => screen.getByTestId(`stage ${name}`);
const check = () => userEvent.click(screen.getByRole('button', { name: 'Check connection' }));

it('has checked nothing when the page opens', () => {
  const asked = answerWith(async () => PASSED);
  openSettings({});
  expect(screen.getByText(/^Not checked yet/)).toBeInTheDocument();
  expect(asked).toEqual([]);
});

it('shows each stage with its mark, its time and what was tried', async () => {
  const asked = answerWith(async () => PASSED);
  openSettings({ uid: 'a/b' });
  await check();
  expect(asked).toEqual(['/api/datasources/uid/a%2Fb/resources/health']);
  expect(summary()).toHaveTextContent('Passed, with a remarkConnected to mm:1.');
  expect(screen.getByRole('list', { name: 'Stages of the check' }).children).toHaveLength(3);
  expect(stage('settings')).toHaveTextContent('< 1 ms');
  expect(stage('token')).toHaveTextContent('POST https://id.example.com/token');
  expect(stage('token')).toHaveTextContent('1.5 s');
  expect(stage('tables')).toHaveTextContent('13 ms');
  expect(within(stage('tables')).getByRole('img', { name: 'Warning' })).toBeInTheDocument();
});

it('checks when the settings were saved, and knows that there is nothing unsaved any more', async () => {
  const asked = answerWith(async () => PASSED);
  const page = openSettings({});
  await userEvent.type(screen.getByLabelText(/^Host/), 'mm:1');
  expect(screen.getByText(/^There are unsaved changes/)).toBeInTheDocument();
  expect(asked).toEqual([]);
  page.save();
  expect(await screen.findByTestId('check summary')).toHaveTextContent('Connected to mm:1.');
  expect(asked).toHaveLength(1);
  expect(screen.queryByText(/^There are unsaved changes/)).toBeNull();
  await userEvent.type(screen.getByLabelText(/^Host/), '{Backspace}2');
  expect(screen.getByText(/^There are unsaved changes/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText(/^Host/), '{Backspace}1');
  expect(screen.queryByText(/^There are unsaved changes/)).toBeNull();
});

it('counts a typed secret as unsaved', async () => {
  openSettings({ jsonData: { selectedAuthType: 'token' } });
  await userEvent.type(screen.getByLabelText(/^API Key/), 'k');
  expect(screen.getByText(/^There are unsaved changes/)).toBeInTheDocument();
});

it('names the failed stage', async () => {
  const failed: HealthPayload = {
    status: 'error',
    message: 'The server did not accept the token.',
    details: {
      ...DETAILS,
      stages: [{ name: 'server', title: 'Server', status: 'failed', text: 'Invalid token.', tookMs: 5 }],
    },
  };
  // Some hosts answer a failed check with an error status: the body is the same.
  answerWith(() => Promise.reject(Object.assign(new Error('Bad request'), { status: 400, data: failed })));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent('FailedThe server did not accept the token.');
  expect(within(stage('server')).getByRole('img', { name: 'Failed' })).toBeInTheDocument();
});

it('shows the rules for the token, and the configuration to copy', async () => {
  const serverConfig = '{"issuers":[{"issuer":"https://id.example.com/","audience":"mm"}]}';
  answerWith(async () => ({
    ...PASSED,
    details: {
      ...DETAILS,
      token: {
        rules: [
          { name: 'algorithm', status: 'ok', text: 'Signed with RS256.' },
          { name: 'issuer', status: 'broken', text: 'The issuer lacks its slash.' },
        ],
        serverConfig,
      },
    },
  }));
  const user = userEvent.setup();
  openSettings({});
  await user.click(screen.getByRole('button', { name: 'Check connection' }));
  expect(within(screen.getByTestId('rule issuer')).getByRole('img', { name: 'Failed' })).toBeInTheDocument();
  expect(screen.getByTestId('server configuration')).toHaveTextContent(serverConfig);
  expect(screen.getByRole('button', { name: 'Copy the server configuration' })).toBeInTheDocument();
});

describe('whom the server records', () => {
  const byRules: WhoAmI = {
    isAttributionOn: true,
    recorded: { user: '(the name of the API key)', name: 'Ada', client: 'grafana' },
    otherwise: { user: '(the name of the API key)', client: 'grafana' },
    isProven: false,
    checkId: 'id/1',
  };
  const proven: WhoAmI = { ...byRules, recorded: { ...byRules.recorded, user: 'lab' }, isProven: true };
  const pending: WhoAmIPayload = { status: 'pending', hasRecords: true };
  const record = () => screen.getByTestId('audit record');
  const rows = () =>
    within(screen.getByRole('table', { name: 'Recorded identity' }))
      .getAllByRole('row')
      .map((row) => row.textContent);

  /** Runs a check; the looks for its record are answered in order, the last answer again and again. */
  async function checked(whoAmI: WhoAmI, ...looks: Array<WhoAmIPayload | Error>) {
    const requests: BackendSrvRequest[] = [];
    answerWith(async (request) => {
      if (request.url.endsWith('/health')) {
        return { ...PASSED, details: { ...DETAILS, whoAmI } };
      }
      requests.push(request);
      const answer = looks[Math.min(requests.length, looks.length) - 1];
      return answer instanceof Error ? Promise.reject(answer) : answer;
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

  it('is shown by the rules first, then as the audit log proves it', async () => {
    const { requests } = await checked(byRules, pending, pending, { status: 'found', whoAmI: proven, warnings: [] });
    expect(record()).toHaveAttribute('data-status', 'waiting');
    expect(screen.getByText(/Waiting for the server/)).toBeInTheDocument();
    expect(rows()).toContain('User(the name of the API key)(the name of the API key)');
    await pass(2600);
    expect(record()).toHaveAttribute('data-status', 'found');
    expect(screen.getByText(/^Read back from the server's audit log/)).toBeInTheDocument();
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

  it('shows what is odd about the record', async () => {
    await checked(byRules, { status: 'found', whoAmI: proven, warnings: ['The record differs.'] });
    await pass(600);
    expect(record()).toHaveTextContent('The record differs.');
    expect(within(record()).getByRole('img', { name: 'Warning' })).toBeInTheDocument();
  });

  it.each([
    { hasRecords: true, words: /did not appear in the audit log within a minute/ },
    { hasRecords: false, words: /no audit records of the last hour/ },
  ])('is given up after a minute, with growing pauses (other records: $hasRecords)', async ({ hasRecords, words }) => {
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
  });

  it('says why the record cannot be read, and asks no more', async () => {
    const denied = Object.assign(new Error('x'), { status: 403, data: { message: 'The server does not allow this.' } });
    const { requests } = await checked(byRules, denied);
    await pass(600_000);
    expect(screen.getByText(/could not be read.*The server does not allow this\./)).toBeInTheDocument();
    expect(requests).toHaveLength(1);
  });

  it('is not asked for when the page is left', async () => {
    const { requests } = await checked(byRules, pending);
    await pass(600);
    cleanup();
    await pass(600_000);
    expect(requests).toHaveLength(1);
  });

  it('is not asked for without an id', async () => {
    const { requests } = await checked({ ...byRules, checkId: undefined }, pending);
    await pass(600_000);
    expect(requests).toEqual([]);
    expect(screen.getByText(/audit log was not read, so this is not proven/)).toBeInTheDocument();
  });
});

it('tells a viewer the result in one line', async () => {
  answerWith(async () => ({ ...PASSED, details: { message: '', verboseMessage: '', stages: [] } }));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent('PassedConnected to mm:1.');
  expect(screen.queryByRole('list', { name: 'Stages of the check' })).toBeNull();
});

it('says why the check could not be run', async () => {
  answerWith(() => Promise.reject(Object.assign(new Error('x'), { status: 403, data: { message: 'Access denied' } })));
  openSettings({});
  await check();
  expect(summary()).toHaveTextContent('The check could not be runAccess denied');
});

it('shows the answer to the latest settings, also when an older one comes later', async () => {
  const answers: Array<(payload: HealthPayload) => void> = [];
  answerWith(() => new Promise((resolve) => answers.push(resolve)));
  const page = openSettings({});
  page.save();
  expect(screen.getByText('Checking the connection…')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Check connection' })).toBeDisabled();
  page.save();
  await act(async () => answers[1]({ ...PASSED, message: 'new' }));
  await act(async () => answers[0]({ ...PASSED, message: 'old' }));
  expect(summary()).toHaveTextContent('new');
});
