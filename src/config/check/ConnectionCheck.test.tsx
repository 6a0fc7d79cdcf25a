import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type HealthDetails } from '../../../contract/health';
import { type HealthPayload } from '../../../contract/resources';
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
    { name: 'audit', title: 'Audit log', status: 'warning', text: 'It cannot be read.', tookMs: 12.6 },
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
  expect(stage('audit')).toHaveTextContent('13 ms');
  expect(within(stage('audit')).getByRole('img', { name: 'Warning' })).toBeInTheDocument();
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

it.each([
  [true, /^Read back from the server's audit log/],
  [false, /not proven/],
])('says whom the server records (proven: %s)', async (isProven, words) => {
  const whoAmI = {
    isAttributionOn: true,
    recorded: { user: 'svc', name: 'Ada (ada)', client: 'grafana' },
    otherwise: { user: 'svc', client: 'grafana' },
    isProven,
  };
  answerWith(async () => ({ ...PASSED, details: { ...DETAILS, whoAmI } }));
  openSettings({});
  await check();
  const rows = within(screen.getByRole('table', { name: 'Recorded identity' })).getAllByRole('row');
  expect(rows.map((row) => row.textContent)).toEqual([
    'Attribution on, as savedAttribution off',
    'Usersvcsvc',
    'NameAda (ada)–',
    'Clientgrafanagrafana',
  ]);
  expect(screen.getByText(words)).toBeInTheDocument();
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
