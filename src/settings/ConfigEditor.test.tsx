import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type MicromegasOptions } from '../shared/types';
import { openSettings } from '../testing/settings-page';

const OAUTH: MicromegasOptions = { oauthIssuer: 'https://id.example.com/', oauthClientId: 'grafana' };
const method = () => screen.getByRole('combobox', { name: 'Auth Method' });

async function choose(label: string): Promise<void> {
  await userEvent.selectOptions(method(), label);
}

interface OldSave {
  name: string;
  jsonData: MicromegasOptions;
  secureJsonFields?: Record<string, boolean>;
  shown: string;
}

const oldSaves: OldSave[] = [
  { name: 'a new data source', jsonData: {}, shown: 'None' },
  {
    name: 'a stored key',
    jsonData: { selectedAuthType: 'token' },
    secureJsonFields: { token: true },
    shown: 'API Key',
  },
  { name: 'a stored key without a selected method', jsonData: {}, secureJsonFields: { token: true }, shown: 'API Key' },
  { name: 'a plaintext key of a very old save', jsonData: { token: 'k' }, shown: 'API Key' },
  {
    name: 'OAuth',
    jsonData: { ...OAUTH, selectedAuthType: 'oauth2' },
    secureJsonFields: { oauthClientSecret: true },
    shown: 'OAuth 2.0 Client Credentials',
  },
  {
    name: 'OAuth fields with another method selected',
    jsonData: { ...OAUTH, selectedAuthType: 'token' },
    secureJsonFields: { oauthClientSecret: true },
    shown: 'OAuth 2.0 Client Credentials',
  },
  {
    name: 'a chosen method without a key',
    jsonData: { ...OAUTH, selectedAuthType: 'token', authMethodChosen: true },
    secureJsonFields: { oauthClientSecret: true },
    shown: 'API Key',
  },
  {
    name: 'a user name',
    jsonData: { selectedAuthType: 'username/password', username: 'u' },
    shown: 'User name and password (not supported)',
  },
];

it.each(oldSaves)('shows $name as $shown and changes nothing', ({ jsonData, secureJsonFields = {}, shown }) => {
  const options = openSettings({ jsonData, secureJsonFields });
  expect(method()).toHaveDisplayValue(shown);
  expect(options().jsonData).toEqual(jsonData);
});

describe('unknown values of a provisioning file', () => {
  const OAUTH2 = { ...OAUTH, selectedAuthType: 'oauth2' };
  // The types of the settings do not allow these values.
  const settings = (jsonData: object): MicromegasOptions => JSON.parse(JSON.stringify(jsonData));

  it.each<[name: string, value: string, used: string, json: object]>([
    ['selectedAuthType', 'tokne', 'none', { authMethodChosen: true }],
    ['freshnessNotices', 'always', 'dashboards', {}],
    ['shareResults', 'everyone', 'user', {}],
    ['oauthProvider', 'azure', 'other', OAUTH2],
    ['oauthClientProof', 'password', 'secret', OAUTH2],
    ['oauthSecretStyle', 'header', 'auto', OAUTH2],
    ['oauthForwardedToken', 'refresh', 'auto', { ...OAUTH2, oauthPassThru: true }],
  ])('have a warning: %s', (name, value, used, json) => {
    openSettings({ jsonData: settings({ ...json, [name]: value }) });
    const warning = `"${value}" is unknown, so the data source uses "${used}". Valid values of ${name}: `;
    expect(screen.getByText(warning, { exact: false })).toBeInTheDocument();
  });

  it('lose the warning when the user chooses a valid value', async () => {
    const options = openSettings({ jsonData: settings({ selectedAuthType: 'tokne' }) });
    await choose('API Key');
    expect(options().jsonData.selectedAuthType).toBe('token');
    expect(screen.queryByText(/is unknown/)).not.toBeInTheDocument();
  });
});

describe('saved values of wrong types', () => {
  // The types of the settings do not allow these values.
  const settings = (jsonData: object): MicromegasOptions => JSON.parse(JSON.stringify(jsonData));
  const NAMES = ['host', 'secure', 'selectedAuthType', 'oauthIssuer', 'oauthClientId', 'oauthAudience', 'oauthScope'];
  const MORE = ['oauthProvider', 'oauthEndpointHosts', 'serverName', 'sourceUrl', 'maxRows', 'metadata', 'tlsAuth'];

  it.each([12345, ['a'], { a: 'b' }, true, null, 'yes'])('do not prevent the page from opening: %j', (value) => {
    openSettings({ jsonData: settings(Object.fromEntries([...NAMES, ...MORE].map((name) => [name, value]))) });
    expect(screen.getByLabelText(/^Host/)).toBeInTheDocument();
  });

  it('are shown as the backend reads them, and are corrected only when the user changes another setting', async () => {
    const saved = { host: 'a:1', secure: 'true', oauthIssuer: 'https://id/', oauthClientId: 42, oauthScope: ' a ' };
    const options = openSettings({
      jsonData: settings({ ...saved, selectedAuthType: 'oauth2', metadata: { k: 'v' } }),
    });
    expect(screen.getByLabelText(/^Client ID/)).toHaveValue('42');
    expect(screen.getByLabelText(/^TLS/)).toBeChecked();
    expect(screen.getByDisplayValue('k')).toBeInTheDocument();
    expect(options().jsonData.oauthClientId).toBe(42);
    await userEvent.type(screen.getByLabelText(/^Audience/), 'x');
    expect(options().jsonData).toMatchObject({
      oauthClientId: '42',
      secure: true,
      oauthScope: ' a ',
      oauthAudience: 'x',
    });
  });
});

describe('switches that are neither on nor off', () => {
  // The types of the settings do not allow these values.
  const settings = (jsonData: object): MicromegasOptions => JSON.parse(JSON.stringify(jsonData));
  const UNKNOWN = /in the saved settings must be true or false/;

  it('show the same problem as in the backend, and stay as saved while the user edits another field', async () => {
    const saved = settings({ host: 'mm.example.com:1', secure: 'ja', tlsSkipVerify: 'nein' });
    const options = openSettings({ jsonData: saved, secureJsonFields: { token: true } });
    expect(screen.getByText('The value of secure in the saved settings must be true or false.')).toBeInTheDocument();
    expect(screen.getByText(/^The value of tlsSkipVerify in the saved settings/)).toBeInTheDocument();
    expect(screen.queryByText('Credentials travel in plaintext')).not.toBeInTheDocument();
    expect(screen.queryByText('The certificate is not checked')).not.toBeInTheDocument();
    await userEvent.type(screen.getByLabelText(/^Host/), '0');
    expect(options().jsonData).toEqual({ ...saved, host: 'mm.example.com:10' });
  });

  it('become on or off when the user clicks them', async () => {
    const options = openSettings({ jsonData: settings({ host: 'a:1', secure: 'ja' }) });
    expect(screen.getByLabelText(/^TLS/)).not.toBeChecked();
    await userEvent.click(screen.getByLabelText(/^TLS/));
    expect(options().jsonData.secure).toBe(true);
    expect(screen.queryByText(UNKNOWN)).not.toBeInTheDocument();
  });

  it.each<[name: string, json: object]>([
    ['enableSecureSocksProxy', {}],
    ['tlsAuth', {}],
    ['tlsAuthWithCACert', { secure: true }],
    ['enableUserAttribution', {}],
    ['oauthPassThru', { selectedAuthType: 'oauth2' }],
    ['oauthPassThruFallback', { selectedAuthType: 'oauth2' }],
    ['oauthTlsSkipVerify', { selectedAuthType: 'oauth2' }],
  ])('have a problem: %s', (name, json) => {
    openSettings({ jsonData: settings({ ...OAUTH, ...json, [name]: 'ja' }) });
    expect(screen.getByText(`The value of ${name} in the saved settings must be true or false.`)).toBeInTheDocument();
  });

  it('cause a warning, not a problem, if only the query editors use them', () => {
    openSettings({ jsonData: settings({ suggestValues: 'nein' }) });
    expect(screen.getByText(/^The value of suggestValues in the saved settings is ignored/)).toBeInTheDocument();
  });
});

it('ignores a switch that is neither on nor off in the choice of the initial sign-in method', () => {
  openSettings({
    jsonData: { selectedAuthType: 'oauth2', ...({ oauthPassThru: 'ja' } as object) },
    secureJsonFields: { token: true },
  });
  expect(screen.getByLabelText(/^API Key/)).toBeInTheDocument();
});

it('sets up an API key', async () => {
  const options = openSettings({});
  await userEvent.type(screen.getByLabelText(/^Host/), 'mm.example.com:50051');
  await userEvent.click(screen.getByLabelText(/^TLS/));
  await choose('API Key');
  await userEvent.type(screen.getByLabelText(/^API Key/), 'secret');
  expect(options()).toMatchObject({
    jsonData: { host: 'mm.example.com:50051', secure: true, selectedAuthType: 'token', authMethodChosen: true },
    secureJsonData: { token: 'secret' },
  });
});

it('sets up OAuth and keeps the typed API key', async () => {
  const options = openSettings({ jsonData: { host: 'localhost:1' } });
  await choose('API Key');
  await userEvent.type(screen.getByLabelText(/^API Key/), 'key');
  await choose('OAuth 2.0 Client Credentials');
  await userEvent.type(screen.getByLabelText(/^OIDC Issuer/), 'https://id.example.com/');
  await userEvent.type(screen.getByLabelText(/^Client ID/), 'grafana');
  await userEvent.type(screen.getByLabelText(/^Client Secret/), 'shh');
  await userEvent.type(screen.getByLabelText(/^Audience/), 'micromegas');
  await userEvent.type(screen.getByLabelText(/^Scope/), 'a b');
  expect(options()).toMatchObject({
    jsonData: {
      selectedAuthType: 'oauth2',
      oauthIssuer: 'https://id.example.com/',
      oauthClientId: 'grafana',
      oauthAudience: 'micromegas',
      oauthScope: 'a b',
    },
    secureJsonData: { token: 'key', oauthClientSecret: 'shh' },
  });
});

it('shows the chosen method while its fields are empty', async () => {
  openSettings({ jsonData: { ...OAUTH, selectedAuthType: 'oauth2' }, secureJsonFields: { oauthClientSecret: true } });
  await choose('API Key');
  expect(screen.getByLabelText(/^API Key/)).toBeInTheDocument();
});

it('keeps the method while its only secret is replaced', async () => {
  // Without the key, the stored OAuth fields would select OAuth.
  openSettings({
    jsonData: { ...OAUTH, selectedAuthType: 'token' },
    secureJsonFields: { token: true, oauthClientSecret: true },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Reset' }));
  expect(method()).toHaveDisplayValue('API Key');
});

it('shows a stored secret as configured, and resets no other secret', async () => {
  const options = openSettings({
    jsonData: { ...OAUTH, selectedAuthType: 'oauth2' },
    secureJsonFields: { oauthClientSecret: true, token: true },
    secureJsonData: { token: 'typed' },
  });
  expect(screen.getByLabelText(/^Client Secret/)).toHaveValue('configured');
  await userEvent.click(screen.getByRole('button', { name: 'Reset' }));
  expect(options().secureJsonFields).toEqual({ oauthClientSecret: false, token: true });
  expect(options().secureJsonData).toEqual({ oauthClientSecret: '', token: 'typed' });
});

it('moves a plaintext key to the secrets', async () => {
  const options = openSettings({ jsonData: { token: 'old', host: 'localhost:1' } });
  await userEvent.click(screen.getByRole('button', { name: 'Move it to the encrypted store' }));
  expect(options()).toMatchObject({ jsonData: { host: 'localhost:1' }, secureJsonData: { token: 'old' } });
  expect(options().jsonData).not.toHaveProperty('token');
});

it('deletes a plaintext key if the secrets have a key', async () => {
  const options = openSettings({ jsonData: { token: 'old', host: 'localhost:1' }, secureJsonFields: { token: true } });
  expect(screen.getByText('An unused API key is stored in plain text')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Delete the unused key' }));
  expect(options().jsonData).toEqual({ host: 'localhost:1' });
  expect(options().secureJsonFields).toEqual({ token: true });
  expect(screen.queryByText(/in plain text/)).not.toBeInTheDocument();
});

it('reports that user name and password are not supported, and offers other methods', async () => {
  const options = openSettings({ jsonData: { selectedAuthType: 'username/password', username: 'u' } });
  expect(screen.getByText(/no sign-in by user name/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Use an API key' }));
  expect(options().jsonData).toMatchObject({ selectedAuthType: 'token', username: 'u' });
  expect(screen.getByLabelText(/^API Key/)).toBeInTheDocument();
});

it('reports a problem while the user types, and a missing value only after the field has lost the focus', async () => {
  openSettings({});
  const host = screen.getByLabelText(/^Host/);
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  await userEvent.click(host);
  await userEvent.tab();
  expect(screen.getByText(/^Enter the address/)).toBeInTheDocument();
  await userEvent.type(host, 'https://x');
  expect(screen.getByText(/Leave out "https:\/\/"/)).toBeInTheDocument();
  expect(host).toBeInvalid();
  expect(host).toHaveAccessibleDescription(/Flight SQL server.*Leave out "https:\/\/"/);
});

it('gives each control a unique id', async () => {
  const { container } = openSettings({
    jsonData: {
      ...OAUTH,
      secure: true,
      tlsAuth: true,
      oauthTlsAuth: true,
      selectedAuthType: 'oauth2',
      oauthProxyUrl: 'http://p:1',
      enableSecureSocksProxy: true,
      queryTimeoutSeconds: 5,
      metadata: [{ a: 'b' }],
      secureMetadataName1: 'c',
      oauthParameterName1: 'd',
    },
  });
  const ids = [...container.querySelectorAll('[id]')].map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

it.each([
  ['warns about credentials in plaintext', { host: 'mm.example.com:1' }, true],
  ['does not warn with TLS', { host: 'mm.example.com:1', secure: true }, false],
  ['does not warn for a server on this machine', { host: '[::1]:1' }, false],
  ['does not warn without sign-in', { host: 'mm.example.com:1', selectedAuthType: 'none' as const }, false],
])('%s', (_name, jsonData, isWarned) => {
  openSettings({ jsonData, secureJsonFields: { token: true } });
  expect(screen.queryByText('Credentials travel in plaintext') !== null).toBe(isWarned);
  expect(screen.queryByText(/between Grafana and mm\.example\.com can read/) !== null).toBe(isWarned);
});

it('describes the audit trail for an API key and for OAuth', async () => {
  const options = openSettings({ secureJsonFields: { token: true } });
  expect(screen.getByText(/shows the login, e-mail address and name/)).toBeInTheDocument();
  await choose('OAuth 2.0 Client Credentials');
  expect(screen.getByText(/Name <e-mail> \(login\)/)).toBeInTheDocument();
  await userEvent.click(screen.getByLabelText(/^Enable User Attribution/));
  expect(screen.getByText(/service account only/)).toBeInTheDocument();
  expect(options().jsonData.enableUserAttribution).toBe(false);
});

it('describes the audit trail of forwarded tokens, with attribution on and off', async () => {
  openSettings({ jsonData: { ...OAUTH, selectedAuthType: 'oauth2', oauthPassThru: true } });
  expect(screen.getByText(/person whose own token was forwarded, and also the name/)).toBeInTheDocument();
  await userEvent.click(screen.getByLabelText(/^Enable User Attribution/));
  expect(screen.getByText(/^Off: the audit trail still shows the person/)).toBeInTheDocument();
});

it('switches off the suggestion of values, and describes the remaining suggestions', async () => {
  const options = openSettings({ jsonData: {} });
  await userEvent.click(screen.getByRole('button', { name: 'Expand section Additional settings' }));
  expect(screen.getByText(/with the entrypoint completion/)).toBeInTheDocument();
  await userEvent.click(screen.getByLabelText(/^Suggest values/));
  expect(screen.getByText(/tables, columns and functions only/)).toBeInTheDocument();
  expect(options().jsonData.suggestValues).toBe(false);
});

it('shows the additional settings at once if the suggestion of values is off', () => {
  openSettings({ jsonData: { suggestValues: false } });
  expect(screen.getByLabelText(/^Suggest values/)).not.toBeChecked();
});

it('edits additional settings, and saves metadata as the older plugin does', async () => {
  const options = openSettings({ jsonData: { metadata: [{ '': '' }] } });
  await userEvent.click(screen.getByRole('button', { name: 'Expand section Additional settings' }));
  await userEvent.type(screen.getByLabelText(/^Query timeout/), '5');
  await userEvent.type(screen.getByLabelText(/^Row limit/), '100');
  await userEvent.type(screen.getByLabelText(/^Size limit/), '50');
  await userEvent.type(screen.getByLabelText('Metadata 1 key'), 'x-tenant');
  await userEvent.type(screen.getByLabelText('Metadata 1 value'), 'blue');
  await userEvent.click(screen.getByRole('button', { name: 'Add metadata' }));
  await userEvent.type(screen.getByLabelText('Metadata 2 key'), 'Limit');
  expect(screen.getByText(/set by the data source itself/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Remove metadata 2' }));
  expect(screen.getByRole('button', { name: 'Add metadata' })).toHaveFocus();
  expect(options().jsonData).toEqual({
    queryTimeoutSeconds: 5,
    maxRows: 100,
    maxAnswerMegabytes: 50,
    metadata: [{ 'x-tenant': 'blue' }],
  });
});

it('keeps the focus on the metadata whose value becomes secret, or readable again', async () => {
  const options = openSettings({ jsonData: { metadata: [{ a: '1' }, { b: '2' }, { c: '3' }] } });
  const secrets = () => screen.getAllByRole('checkbox', { name: /^Metadata \d is secret$/ });
  secrets()[0].focus();
  await userEvent.keyboard(' ');
  expect(options().jsonData).toMatchObject({ metadata: [{ b: '2' }, { c: '3' }], secureMetadataName1: 'a' });
  expect(secrets()[2]).toHaveFocus();
  await userEvent.keyboard(' ');
  expect(options().jsonData.metadata).toEqual([{ b: '2' }, { c: '3' }, { a: '1' }]);
  expect(secrets()[2]).toHaveFocus();
  expect(secrets()[2]).not.toBeChecked();
});

it('saves where freshness notices are shown, and expands the section if they are off', async () => {
  const notices = () => screen.getByRole('combobox', { name: 'Freshness notices' });
  const options = openSettings({ jsonData: { freshnessNotices: 'off' } });
  expect(notices()).toHaveDisplayValue('Off');
  await userEvent.selectOptions(notices(), 'Explore and dashboards');
  expect(options().jsonData.freshnessNotices).toBe('dashboards');
  expect(notices()).toHaveDisplayValue('Explore and dashboards');
  await userEvent.selectOptions(notices(), 'Explore');
  expect(options().jsonData.freshnessNotices).toBe('explore');
});

it('describes what the audit trail lacks if all users share results', async () => {
  const sharing = () => screen.getByRole('combobox', { name: 'Shared results' });
  const options = openSettings({ jsonData: { resultAgeSeconds: 3601 } });
  expect(screen.getByText('Enter a number of seconds from 0 to 3600.')).toBeInTheDocument();
  expect(screen.getByText(/The audit trail names each user who reads/)).toBeInTheDocument();
  await userEvent.selectOptions(sharing(), 'All users');
  expect(options().jsonData.shareResults).toBe('all');
  expect(screen.getByText(/The audit trail then names only the first user/)).toBeInTheDocument();
});

it('if user attribution is off, describes how results are shared and does not mention the audit trail', () => {
  openSettings({ jsonData: { enableUserAttribution: false, resultAgeSeconds: 60 } });
  expect(screen.getByText('Equal queries of the dashboards of one user are sent once.')).toBeInTheDocument();
});

it('states that users with forwarded identities share no results', () => {
  openSettings({ jsonData: { ...OAUTH, selectedAuthType: 'oauth2', oauthPassThru: true, shareResults: 'all' } });
  expect(screen.getByText(/Users never share results/)).toBeInTheDocument();
});

it('edits the source links, and shows an example', async () => {
  const options = openSettings({ jsonData: { sourceUrl: 'https://git.example/{file' } });
  expect(screen.getByText(/^The URL has no \{file\}\./)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Source URL'), '}#L{{line}');
  expect(options().jsonData.sourceUrl).toBe('https://git.example/{file}#L{line}');
  expect(screen.getByText('https://git.example/src/render/frame.rs#L42')).toBeInTheDocument();
});

it('disables all controls of a provisioned data source', () => {
  openSettings({
    readOnly: true,
    jsonData: { ...OAUTH, selectedAuthType: 'oauth2', queryTimeoutSeconds: 5, metadata: [{ a: 'b' }] },
  });
  for (const control of [...screen.getAllByRole('textbox'), ...screen.getAllByRole('switch'), method()]) {
    expect(control).toBeDisabled();
  }
  expect(within(document.body).getByLabelText(/^Client Secret/)).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Add metadata' })).toBeDisabled();
});
