import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type MicromegasOptions } from '../../shared/types';
import { openSettings } from '../../testing/settings-page';

const PEM_KEY = '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----';
const field = (label: string) => screen.getByLabelText(new RegExp(`^${label}( \\*)?$`));
const list = (name: string) => screen.getByRole<HTMLSelectElement>('combobox', { name });
const offered = (name: string) => [...list(name).options].map(({ label }) => label);

async function paste(label: string, value: string): Promise<void> {
  await userEvent.click(field(label));
  await userEvent.paste(value);
}

const openOAuth = (jsonData: MicromegasOptions, secureJsonFields: Record<string, boolean> = {}) =>
  openSettings({ jsonData: { selectedAuthType: 'oauth2', ...jsonData }, secureJsonFields });

describe('client authentication', () => {
  it.each([
    ['auth0', ['Client secret', 'Private key', 'Secret from a file']],
    ['entra', ['Client secret', 'Certificate', 'Secret from a file', 'Assertion from a file']],
    ['okta', ['Client secret', 'Private key', 'Secret from a file']],
    [
      'keycloak',
      ['Client secret', 'Private key', 'Client secret (signed JWT)', 'Secret from a file', 'Assertion from a file'],
    ],
    [
      'other',
      ['Client secret', 'Private key', 'Client secret (signed JWT)', 'Secret from a file', 'Assertion from a file'],
    ],
  ] as const)('offers the methods of %s', (oauthProvider, expected) => {
    openOAuth({ oauthProvider });
    expect(offered('Client authentication')).toEqual(expected);
  });

  it('saves a private key with algorithm and key ID', async () => {
    const options = openOAuth({ oauthProvider: 'okta' });
    await userEvent.selectOptions(list('Client authentication'), 'Private key');
    await paste('Private Key', PEM_KEY);
    await paste('Key ID', 'k1');
    await userEvent.selectOptions(list('Signing algorithm'), 'ES256');
    expect(options()).toMatchObject({
      jsonData: { oauthClientProof: 'private_key', oauthKeyId: 'k1', oauthSigningAlgorithm: 'ES256' },
      secureJsonData: { oauthPrivateKey: PEM_KEY },
    });
    expect(offered('Signing algorithm')).not.toContain('PS256');
  });

  it.each([
    ['"s3cret"', /begins and ends with a quotation mark/],
    ['$CLIENT_SECRET', /looks like the name of a variable/],
    ['s3\u200bcret', /invisible character/],
  ])('warns about a wrongly copied secret, and does not show the secret: %j', async (secret, warning) => {
    openOAuth({});
    await paste('Client Secret', secret);
    expect(screen.getByRole('status')).toHaveTextContent(warning);
    expect(screen.getByRole('status')).not.toHaveTextContent(/s3|CLIENT_SECRET/);
  });

  it('reports a public key in place of the private key', async () => {
    openOAuth({ oauthClientProof: 'private_key' });
    await paste('Private Key', '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----');
    expect(screen.getByRole('alert')).toHaveTextContent(/^This is a public key\./);
  });

  it('saves a client secret that signs a JWT, and the signing algorithm', async () => {
    const options = openOAuth({ oauthProvider: 'keycloak', oauthSigningAlgorithm: 'PS256' });
    await userEvent.selectOptions(list('Client authentication'), 'Client secret (signed JWT)');
    expect(options().jsonData).not.toHaveProperty('oauthSigningAlgorithm');
    expect(offered('Signing algorithm')).toEqual(['HS256', 'HS384', 'HS512']);
    await paste('Client Secret', 'hush');
    await userEvent.selectOptions(list('Signing algorithm'), 'HS512');
    expect(options()).toMatchObject({
      jsonData: { oauthClientProof: 'secret_jwt', oauthSigningAlgorithm: 'HS512' },
      secureJsonData: { oauthClientSecret: 'hush' },
    });
  });

  it.each([
    ['secret_jwt', 'RS256', 'HS256, HS384'],
    ['private_key', 'HS256', 'RS256, PS256'],
  ] as const)('shows an algorithm that does not suit %s, and offers others', async (method, saved, known) => {
    const options = openOAuth({
      oauthProvider: 'other',
      oauthClientProof: method,
      oauthSigningAlgorithm: saved,
    });
    expect(list('Signing algorithm')).toHaveDisplayValue(saved);
    expect(screen.getByText(new RegExp(`^"${saved}" is not one of ${known}`))).toBeInTheDocument();
    const [first] = known.split(', ');
    await userEvent.selectOptions(list('Signing algorithm'), first);
    expect(options().jsonData.oauthSigningAlgorithm).toBe(first);
    expect(screen.queryByText(/is not one of/)).toBeNull();
  });

  it('has a certificate field for Entra ID, and reports a private key in this field', async () => {
    const options = openOAuth({ oauthProvider: 'entra', oauthClientProof: 'private_key' });
    await paste('Certificate', PEM_KEY);
    expect(screen.getByText(/This is a private key/)).toBeInTheDocument();
    await userEvent.clear(field('Certificate'));
    await paste('Certificate', '-----BEGIN CERTIFICATE-----');
    expect(screen.queryByText(/This is a private key/)).toBeNull();
    expect(options().jsonData.oauthCertificate).toBe('-----BEGIN CERTIFICATE-----');
  });

  it.each([
    ['an encrypted key', '-----BEGIN ENCRYPTED PRIVATE KEY-----', /passphrase/],
    ['a key of OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----', /format of OpenSSH/],
    ['a string that is not a key', 'abc', /begins with -----BEGIN PRIVATE KEY/],
  ])('reports %s', async (_name, value, message) => {
    openOAuth({ oauthProvider: 'other', oauthClientProof: 'private_key' });
    await paste('Private Key', value);
    expect(screen.getByText(message)).toBeInTheDocument();
  });

  it.each([
    ['Secret from a file', 'Secret file', 'secret_file', 'oauthSecretFile'],
    ['Assertion from a file', 'Assertion file', 'assertion_file', 'oauthAssertionFile'],
  ] as const)('saves the path of %s', async (choice, label, method, setting) => {
    const options = openOAuth({ oauthProvider: 'entra' });
    await userEvent.selectOptions(list('Client authentication'), choice);
    await paste(label, '/run/secrets/x');
    expect(options().jsonData).toMatchObject({ oauthClientProof: method, [setting]: '/run/secrets/x' });
    expect(screen.queryByLabelText(/^Client Secret/)).toBeNull();
  });
});

describe('advanced token request', () => {
  const row = (number: number) => within(screen.getByRole('group', { name: `Token parameter ${number}` }));
  const expand = () => userEvent.click(screen.getByRole('button', { name: 'Expand section Advanced token request' }));

  it('saves the secret style, and deletes the setting if the user chooses the default', async () => {
    const options = openOAuth({});
    await expand();
    await userEvent.selectOptions(list('Secret style'), 'In the Authorization header, not encoded');
    expect(options().jsonData.oauthSecretStyle).toBe('basic_unencoded');
    await userEvent.selectOptions(list('Secret style'), 'Automatic');
    expect(options().jsonData).not.toHaveProperty('oauthSecretStyle');
  });

  it('saves endpoint hosts, and names an entry that is not a host', async () => {
    const options = openOAuth({});
    await expand();
    await paste('Endpoint hosts', 'auth.example.com, https://keycloak.internal');
    expect(screen.getByText(/host or host:port only.*"https:\/\/keycloak\.internal"/)).toBeInTheDocument();
    await userEvent.clear(field('Endpoint hosts'));
    await paste('Endpoint hosts', 'auth.example.com, keycloak.internal:8443');
    expect(screen.queryByText(/host or host:port only/)).toBeNull();
    expect(options().jsonData.oauthEndpointHosts).toBe('auth.example.com, keycloak.internal:8443');
  });

  it('shows endpoint hosts that were provisioned as a list', () => {
    openOAuth({ oauthEndpointHosts: ['auth.example.com', 'keycloak.internal:8443'] });
    expect(field('Endpoint hosts')).toHaveValue('auth.example.com, keycloak.internal:8443');
  });

  it('saves readable and secret parameters under numbered keys', async () => {
    const options = openOAuth({});
    await expand();
    await userEvent.click(screen.getByRole('button', { name: 'Add parameter' }));
    await paste('Token parameter 1 name', 'resource');
    await paste('Token parameter 1 value', 'urn:mm');
    await userEvent.click(screen.getByRole('button', { name: 'Add parameter' }));
    await paste('Token parameter 2 name', 'pin');
    await paste('Token parameter 2 value', '1234');
    await userEvent.click(row(2).getByRole('checkbox'));
    expect(options()).toMatchObject({
      jsonData: { oauthParameterName1: 'resource', oauthParameterValue1: 'urn:mm', oauthParameterName2: 'pin' },
      secureJsonData: { oauthParameterValue2: '1234' },
    });
    expect(options().jsonData).not.toHaveProperty('oauthParameterValue2');
  });

  it('removes one parameter and keeps the numbers and secrets of the others', async () => {
    const options = openOAuth(
      { oauthParameterName1: 'a', oauthParameterName2: 'b', oauthParameterName3: 'c' },
      { oauthParameterValue1: true, oauthParameterValue2: true, oauthParameterValue3: true }
    );
    await userEvent.click(screen.getByRole('button', { name: 'Remove token parameter 2' }));
    expect(options().jsonData).toEqual({
      selectedAuthType: 'oauth2',
      oauthParameterName1: 'a',
      oauthParameterName3: 'c',
    });
    expect(options().secureJsonData).toEqual({ oauthParameterValue2: '' });
    expect(options().secureJsonFields).toEqual({
      oauthParameterValue1: true,
      oauthParameterValue2: false,
      oauthParameterValue3: true,
    });
    // The removed parameter has a stored secret until the removal is saved. So a new parameter gets another number.
    await userEvent.click(screen.getByRole('button', { name: 'Add parameter' }));
    expect(options().jsonData).toHaveProperty('oauthParameterName4');
    expect(screen.getByLabelText('Token parameter 2 name')).toHaveValue('c');
  });
});

describe('forwarded tokens of users', () => {
  const forward = () => screen.getByRole('switch', { name: "Forward the user's OAuth identity" });
  const fallback = () => screen.getByRole('switch', { name: /^Use the service account/ });

  it('require a service account only as a fallback', async () => {
    const options = openOAuth({});
    expect(screen.getByText('Client ID *')).toBeInTheDocument();
    await userEvent.click(forward());
    expect(options().jsonData.oauthPassThru).toBe(true);
    expect(screen.queryByText('Client ID *')).toBeNull();
    expect(screen.getByText(/alert rules, public dashboards .* are rejected/)).toBeInTheDocument();
    await userEvent.click(fallback());
    await userEvent.selectOptions(list('Forwarded token'), 'ID token');
    expect(options().jsonData).toMatchObject({ oauthPassThruFallback: true, oauthForwardedToken: 'id' });
    expect(screen.getByText('Client ID *')).toBeInTheDocument();
  });

  it('report no missing field while the fallback is off', async () => {
    openOAuth({ oauthPassThru: true });
    await userEvent.click(field('Client ID'));
    await userEvent.click(field('OIDC Issuer'));
    await userEvent.tab();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});
