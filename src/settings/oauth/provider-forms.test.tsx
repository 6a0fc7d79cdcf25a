import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { fieldLabels } from '../../../contract/settings/field-labels';
import { type MicromegasOptions } from '../../shared/types';
import { respondWith } from '../../testing/fake-backend';
import { type OpenPage, openSettings } from '../../testing/settings-page';
import { providerForms } from './provider-forms';

const TENANT = '6f1d3c8a-2b57-4e0f-9a64-0c1b8f7d2e35';
const field = (label: string) => screen.getByLabelText(new RegExp(`^${label}( \\*)?$`));
const absent = (label: string) => expect(screen.queryByLabelText(new RegExp(`^${label}( \\*)?$`))).toBeNull();
const provider = () => screen.getByRole('combobox', { name: 'Provider' });

/** Pastes the value, which is faster than typing it. */
async function fill(label: string, value: string): Promise<void> {
  await userEvent.clear(field(label));
  if (value !== '') {
    await userEvent.click(field(label));
    await userEvent.paste(value);
  }
}

function openOAuth(jsonData: MicromegasOptions = {}, readOnly = false): OpenPage {
  return openSettings({ jsonData: { host: 'localhost:1', selectedAuthType: 'oauth2', ...jsonData }, readOnly });
}

async function openForm(label: string, jsonData: MicromegasOptions = {}): Promise<OpenPage> {
  const options = openOAuth(jsonData);
  await userEvent.selectOptions(provider(), label);
  return options;
}

it.each(providerForms())('labels its fields with the names that error messages use: $label', ({ value, parts }) => {
  const labels = fieldLabels(value);
  const fields = parts.flatMap((part) => (part.kind === 'text' && !part.isUnused ? [part] : []));
  expect(fields.map(({ label }) => label)).toEqual(fields.map(({ setting }) => labels[setting]));
});

describe('the form that is shown', () => {
  it.each([
    ['a new data source', {}, 'Other OIDC provider'],
    ['an issuer of Auth0', { oauthIssuer: 'https://t.eu.auth0.com/' }, 'Auth0'],
    [
      'an issuer of Entra ID',
      { oauthIssuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
      'Microsoft Entra ID',
    ],
    ['an issuer of Okta', { oauthIssuer: 'https://t.okta.com/oauth2/default' }, 'Okta'],
    ['the issuer of Google', { oauthIssuer: 'https://accounts.google.com' }, 'Google'],
    ['an issuer of Keycloak', { oauthIssuer: 'https://k.example.com/realms/r' }, 'Keycloak'],
    ['an issuer of Cognito', { oauthIssuer: 'https://cognito-idp.eu-west-1.amazonaws.com/p' }, 'Other OIDC provider'],
    [
      'a custom domain with Auth0 selected as the provider',
      { oauthIssuer: 'https://id.example.com/', oauthProvider: 'auth0' },
      'Auth0',
    ],
  ] satisfies Array<[string, MicromegasOptions, string]>)('suits %s', (_name, jsonData, shown) => {
    const options = openOAuth(jsonData);
    expect(provider()).toHaveDisplayValue(shown);
    expect(options().jsonData).toEqual({ host: 'localhost:1', selectedAuthType: 'oauth2', ...jsonData });
  });
});

describe('Auth0', () => {
  it('saves the issuer of the domain, with a slash at the end', async () => {
    const options = await openForm('Auth0');
    await fill('Domain', 'tenant.eu.auth0.com');
    await fill('Audience \\(API Identifier\\)', 'https://mm');
    expect(field('Domain')).toHaveValue('tenant.eu.auth0.com');
    expect(screen.getByText('https://tenant.eu.auth0.com/')).toBeInTheDocument();
    expect(options().jsonData).toMatchObject({
      oauthProvider: 'auth0',
      oauthIssuer: 'https://tenant.eu.auth0.com/',
      oauthAudience: 'https://mm',
    });
  });

  it('accepts an issuer, and adds the slash', async () => {
    const options = await openForm('Auth0');
    await fill('Domain', 'https://tenant.eu.auth0.com');
    expect(options().jsonData.oauthIssuer).toBe('https://tenant.eu.auth0.com/');
  });

  it('shows a saved issuer without the slash unchanged, and reports the missing slash', () => {
    const options = openOAuth({ oauthIssuer: 'https://tenant.eu.auth0.com', oauthAudience: 'a' });
    expect(field('Domain')).toHaveValue('https://tenant.eu.auth0.com');
    expect(screen.getByText(/with a slash at the end/)).toBeInTheDocument();
    expect(options().jsonData.oauthIssuer).toBe('https://tenant.eu.auth0.com');
  });

  it('rejects an http:// URL', async () => {
    await openForm('Auth0');
    await fill('Domain', 'http://tenant.eu.auth0.com/');
    expect(screen.getByText(/must be an https:\/\/ URL/)).toBeInTheDocument();
  });
});

describe('Microsoft Entra ID', () => {
  it('saves the issuer of the tenant and the scope of the application', async () => {
    const options = await openForm('Microsoft Entra ID');
    await fill('Directory \\(tenant\\) ID', TENANT);
    await fill('Application ID URI', 'api://mm');
    expect(options().jsonData).toMatchObject({
      oauthIssuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      oauthScope: 'api://mm/.default',
    });
    expect(screen.getByText('api://mm/.default')).toBeInTheDocument();
    absent('Audience');
  });

  it('keeps the host of a saved issuer of another Microsoft cloud', async () => {
    const options = openOAuth({ oauthIssuer: `https://login.microsoftonline.us/${TENANT}/v2.0` });
    expect(field('Directory \\(tenant\\) ID')).toHaveValue(TENANT);
    await fill('Directory \\(tenant\\) ID', TENANT.replace('6f', '7a'));
    expect(options().jsonData.oauthIssuer).toBe(`https://login.microsoftonline.us/${TENANT.replace('6f', '7a')}/v2.0`);
  });

  it('rejects "common", which stands for all tenants', async () => {
    await openForm('Microsoft Entra ID');
    await fill('Directory \\(tenant\\) ID', 'common');
    expect(screen.getByText(/means all tenants/)).toBeInTheDocument();
  });

  it('shows a saved audience, although Entra ID does not use it', async () => {
    const options = openOAuth({ oauthIssuer: `https://login.microsoftonline.com/${TENANT}/v2.0`, oauthAudience: 'a' });
    expect(field('Audience')).toHaveValue('a');
    expect(screen.getByText(/does not support an audience/)).toBeInTheDocument();
    await fill('Audience', '');
    expect(field('Audience')).toBeInTheDocument();
    expect(options().jsonData.oauthAudience).toBe('');
  });
});

describe('Okta', () => {
  it('saves a custom authorization server and a scope', async () => {
    const options = await openForm('Okta');
    await fill('OIDC Issuer', 'https://t.okta.com/oauth2/default');
    await fill('Scope', 'micromegas');
    absent('Audience');
    expect(options().jsonData).toMatchObject({
      oauthIssuer: 'https://t.okta.com/oauth2/default',
      oauthScope: 'micromegas',
    });
  });

  it('rejects the org server', async () => {
    await openForm('Okta');
    await fill('OIDC Issuer', 'https://t.okta.com');
    expect(screen.getByText(/org server/)).toBeInTheDocument();
  });
});

describe('Google', () => {
  const KEY = {
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'k1',
    private_key: '-----BEGIN PRIVATE KEY-----\nSECRETPART\n-----END PRIVATE KEY-----\n',
    client_email: 'grafana@p.iam.gserviceaccount.com',
  };
  const keyField = () => field('Service account key \\(JSON\\)');

  it('requires the Client ID only if a private key is pasted without its JSON file', async () => {
    await openForm('Google');
    expect(field('Client ID')).toHaveAccessibleName('Client ID');
    await userEvent.click(keyField());
    await userEvent.paste(KEY.private_key);
    await userEvent.click(field('Client ID'));
    await userEvent.tab();
    expect(screen.getByText('Enter the client ID of the service account.')).toBeInTheDocument();
  });

  it('takes the e-mail address from the pasted key, and shows only the address, the project and the key ID', async () => {
    const options = await openForm('Google');
    await userEvent.click(keyField());
    await userEvent.paste(JSON.stringify(KEY));
    await fill('Target audience', 'https://mm');
    expect(options()).toMatchObject({
      jsonData: {
        oauthIssuer: 'https://accounts.google.com',
        oauthClientId: KEY.client_email,
        oauthAudience: 'https://mm',
      },
      secureJsonData: { oauthClientSecret: JSON.stringify(KEY) },
    });
    expect(screen.getByText(/JSON key of grafana@p.*key ID k1/)).not.toHaveTextContent('SECRETPART');
    absent('Client authentication');
    absent('Scope');
  });

  it('accepts an uploaded key', async () => {
    const options = await openForm('Google');
    // A File of jsdom has no text().
    const file = Object.assign(new File(['{}'], 'key.json'), { text: async () => JSON.stringify(KEY) });
    await userEvent.upload(screen.getByLabelText('Upload key file'), file);
    expect(options().jsonData.oauthClientId).toBe(KEY.client_email);
    expect(options().secureJsonData?.oauthClientSecret).toBe(JSON.stringify(KEY));
  });

  it('accepts an e-mail address and a private key without a key file', async () => {
    const options = await openForm('Google');
    await fill('Client ID', KEY.client_email);
    await userEvent.click(keyField());
    await userEvent.paste(KEY.private_key);
    expect(screen.getByText(/Client ID must be the e-mail address/)).toBeInTheDocument();
    expect(options()).toMatchObject({
      jsonData: { oauthClientId: KEY.client_email },
      secureJsonData: { oauthClientSecret: KEY.private_key },
    });
  });

  it.each([
    ['a client secret', 'GOCSPX-abc', /neither the JSON file nor the private key/],
    ['the file of an OAuth client', '{"web":{"client_id":"x"}}', /signs people in/],
    ['another kind of credentials', '{"type":"authorized_user"}', /of the type "authorized_user"/],
    ['an incomplete file', '{"type":"service_account",', /not complete/],
  ])('reports %s', async (_name, value, message) => {
    await openForm('Google');
    await userEvent.click(keyField());
    await userEvent.paste(value);
    expect(screen.getByText(message)).toBeInTheDocument();
  });

  it('offers to correct an issuer', async () => {
    const options = openOAuth({ oauthIssuer: 'https://accounts.google.com/' });
    expect(screen.getByText('The issuer of Google is https://accounts.google.com')).toBeInTheDocument();
    expect(screen.getByText(/^The saved issuer is https:\/\/accounts\.google\.com\/\. /)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: "Use Google's issuer" }));
    expect(options().jsonData.oauthIssuer).toBe('https://accounts.google.com');
    expect(screen.queryByRole('button', { name: "Use Google's issuer" })).toBeNull();
  });
});

describe('Keycloak', () => {
  it('saves the issuer of server and realm', async () => {
    const options = await openForm('Keycloak');
    await fill('Server URL', 'https://k.example.com/auth/');
    await fill('Realm', 'mm');
    expect(options().jsonData.oauthIssuer).toBe('https://k.example.com/auth/realms/mm');
    expect(screen.getByText(/audience mapper/)).toBeInTheDocument();
  });

  it('splits a pasted issuer into server and realm', async () => {
    const options = await openForm('Keycloak');
    await fill('Server URL', 'https://k.example.com/realms/mm');
    expect(field('Realm')).toHaveValue('mm');
    expect(field('Server URL')).toHaveValue('https://k.example.com');
    expect(options().jsonData.oauthIssuer).toBe('https://k.example.com/realms/mm');
  });

  it('splits a typed issuer into server and realm when the field loses the focus', async () => {
    const options = await openForm('Keycloak');
    const issuer = 'https://k.example.com/realms/prod';
    await userEvent.clear(field('Server URL'));
    await userEvent.type(field('Server URL'), issuer);
    expect(field('Server URL')).toHaveValue(issuer);
    expect(options().jsonData.oauthIssuer).toBe(issuer);
    await userEvent.tab();
    expect(field('Server URL')).toHaveValue('https://k.example.com');
    expect(field('Realm')).toHaveValue('prod');
    expect(options().jsonData.oauthIssuer).toBe(issuer);
  });

  it.each([
    { name: 'with a slash at the end', issuer: 'https://k.example.com/realms/prod/' },
    { name: 'that is shorter than the former URL', issuer: 'https://k/realms/prod' },
  ])('replaces server and realm by a typed issuer $name', async ({ issuer }) => {
    const options = openOAuth({ oauthProvider: 'keycloak', oauthIssuer: 'https://former.example.com/realms/mm' });
    await userEvent.clear(field('Server URL'));
    await userEvent.type(field('Server URL'), issuer);
    expect(options().jsonData.oauthIssuer).toBe(issuer);
    await userEvent.tab();
    expect(field('Realm')).toHaveValue('prod');
    expect(options().jsonData.oauthIssuer).toBe(issuer.replace(/\/$/, ''));
  });

  it('splits a pasted issuer that is shorter than the former URL at once', async () => {
    const options = openOAuth({ oauthProvider: 'keycloak', oauthIssuer: 'https://former.example.com/realms/mm' });
    const server = field('Server URL');
    await userEvent.tripleClick(server);
    await userEvent.paste('https://k/realms/prod');
    expect(server).toHaveValue('https://k');
    expect(options().jsonData.oauthIssuer).toBe('https://k/realms/prod');
  });

  it('removes /realms/ from the end of the server URL', async () => {
    const options = await openForm('Keycloak');
    await userEvent.clear(field('Server URL'));
    await userEvent.type(field('Server URL'), 'https://k.example.com/realms/');
    await userEvent.tab();
    await fill('Realm', 'mm');
    expect(options().jsonData.oauthIssuer).toBe('https://k.example.com/realms/mm');
  });

  it('does not change a saved issuer when the user only passes through the field', async () => {
    const issuer = 'https://k.example.com/realms/a/realms/b';
    const options = openOAuth({ oauthProvider: 'keycloak', oauthIssuer: issuer });
    await userEvent.click(field('Server URL'));
    await userEvent.tab();
    expect(options().jsonData.oauthIssuer).toBe(issuer);
  });

  it('reports a missing realm in a saved issuer', async () => {
    openOAuth({ oauthProvider: 'keycloak', oauthIssuer: 'https://k.example.com/realms/' });
    await userEvent.click(field('Realm'));
    await userEvent.tab();
    expect(screen.getByText('Enter the name of the realm.')).toBeInTheDocument();
  });

  it('requires a full URL, and shows no issuer without one', async () => {
    await openForm('Keycloak');
    await fill('Server URL', 'k.example.com');
    await fill('Realm', 'mm');
    expect(screen.getByText(/for example https:\/\/keycloak.example.com/)).toBeInTheDocument();
    expect(screen.queryByText('k.example.com/realms/mm')).toBeNull();
  });
});

describe('a change of the provider', () => {
  it('restores the values of a provider when the user returns to its form', async () => {
    const options = openOAuth({
      oauthIssuer: 'https://t.eu.auth0.com/',
      oauthClientId: 'c',
      oauthAudience: 'a',
      oauthScope: 's',
    });
    const before = options().jsonData;
    for (const label of ['Google', 'Microsoft Entra ID', 'Okta', 'Keycloak', 'Auth0']) {
      await userEvent.selectOptions(provider(), label);
    }
    expect(options().jsonData).toEqual({ ...before, oauthProvider: 'auth0' });
  });

  it('keeps the values while another sign-in method is shown', async () => {
    const options = openOAuth({ oauthIssuer: 'https://t.eu.auth0.com/' });
    await userEvent.selectOptions(provider(), 'Google');
    const method = screen.getByRole('combobox', { name: 'Auth Method' });
    await userEvent.selectOptions(method, 'API Key');
    await userEvent.selectOptions(method, 'OAuth 2.0 Client Credentials');
    await userEvent.selectOptions(provider(), 'Auth0');
    expect(options().jsonData.oauthIssuer).toBe('https://t.eu.auth0.com/');
  });

  it('is offered if the issuer belongs to another provider', async () => {
    const options = openOAuth();
    await fill('OIDC Issuer', 'https://t.eu.auth0.com/');
    await userEvent.click(screen.getByRole('button', { name: 'Use the form of Auth0' }));
    expect(field('Domain')).toHaveValue('t.eu.auth0.com');
    expect(options().jsonData).toMatchObject({ oauthProvider: 'auth0', oauthIssuer: 'https://t.eu.auth0.com/' });
  });

  it('happens when an issuer of another provider is saved', async () => {
    respondWith(async () => undefined);
    const options = openOAuth();
    await fill('OIDC Issuer', 'https://k.example.com/realms/r');
    await act(async () => options.save());
    expect(field('Server URL')).toHaveValue('https://k.example.com');
    expect(field('Realm')).toHaveValue('r');
  });

  it.each(['auth0', 'entra', 'okta', 'google', 'keycloak', 'other'] as const)(
    'is disabled in a provisioned data source, as all fields are: %s',
    (oauthProvider) => {
      openOAuth({ oauthProvider, oauthPassThru: true, oauthParameterName1: 'a', oauthParameterValue1: 'b' }, true);
      const controls = [
        ...screen.getAllByRole('textbox'),
        ...screen.getAllByRole('switch'),
        ...screen.getAllByRole('combobox'),
      ];
      for (const control of [...controls, ...screen.getAllByRole('checkbox')]) {
        expect(control).toBeDisabled();
      }
      expect(screen.queryByRole('button', { name: 'Upload key file' })).toBeNull();
    }
  );
});
