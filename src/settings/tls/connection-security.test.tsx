import { config } from '@grafana/runtime';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { openSettings } from '../../testing/settings-page';

const toggle = (name: string) => screen.getByRole('switch', { name });
const field = (label: string) => screen.getByLabelText(new RegExp(`^${label}( \\*)?$`));
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----';
const KEY = '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----';

async function paste(label: string, value: string): Promise<void> {
  await userEvent.click(field(label));
  await userEvent.paste(value);
}

const expand = (title: string) => userEvent.click(screen.getByRole('button', { name: `Expand section ${title}` }));

interface Side {
  name: string;
  section: string;
  saved: Record<string, unknown>;
  secrets: Record<string, string>;
  skip: Record<string, boolean>;
}

const sides: Side[] = [
  {
    name: 'the server',
    section: 'TLS settings',
    saved: { tlsAuthWithCACert: true, tlsAuth: true, serverName: 'mm' },
    secrets: { tlsCACert: CERTIFICATE, tlsClientCert: CERTIFICATE, tlsClientKey: KEY },
    skip: { tlsSkipVerify: true },
  },
  {
    name: 'the identity provider',
    section: 'Connection to the identity provider',
    saved: { oauthTlsAuthWithCACert: true, oauthTlsAuth: true, oauthServerName: 'mm' },
    secrets: { oauthTlsCACert: CERTIFICATE, oauthTlsClientCert: CERTIFICATE, oauthTlsClientKey: KEY },
    skip: { oauthTlsSkipVerify: true },
  },
];

it.each(sides)('saves certificates for $name', async ({ section, saved, secrets, skip }) => {
  // The fields of both connections have the same labels. With these settings, the page has only one of the two
  // sections.
  const isServer = section === 'TLS settings';
  const options = openSettings({ jsonData: isServer ? { secure: true } : { selectedAuthType: 'oauth2' } });
  await expand(section);
  await userEvent.click(toggle('With CA Certificate'));
  await paste('CA Certificate', CERTIFICATE);
  await userEvent.click(toggle('TLS Client Authentication'));
  await paste('Client Certificate', CERTIFICATE);
  await paste('Client Key', KEY);
  await paste('Server Name', 'mm');
  expect(options()).toMatchObject({ jsonData: saved, secureJsonData: secrets });
  await userEvent.click(toggle('Skip TLS verification'));
  expect(options().jsonData).toMatchObject(skip);
  expect(screen.getByText('The certificate is not checked')).toBeInTheDocument();
});

it('reports a key in the field of a certificate', async () => {
  openSettings({ jsonData: { secure: true, tlsAuthWithCACert: true } });
  await paste('CA Certificate', KEY);
  expect(screen.getByText(/This is a private key/)).toBeInTheDocument();
});

it('reports a certificate in the field of a key', async () => {
  openSettings({ jsonData: { secure: true, tlsAuth: true } });
  await paste('Client Key', CERTIFICATE);
  expect(screen.getByText(/This is a certificate/)).toBeInTheDocument();
});

it('expands the section of saved certificates, and shows `configured` in place of the key', () => {
  openSettings({
    jsonData: { secure: true, tlsAuth: true },
    secureJsonFields: { tlsClientCert: true, tlsClientKey: true },
  });
  expect(field('Client Key')).toHaveValue('configured');
});

it('saves an HTTP proxy for the identity provider', async () => {
  const options = openSettings({ jsonData: { selectedAuthType: 'oauth2' } });
  await expand('Connection to the identity provider');
  await paste('HTTP proxy', 'http://user:pw@proxy:3128');
  expect(screen.getByText(/where they are stored safely/)).toBeInTheDocument();
  await userEvent.clear(field('HTTP proxy'));
  await paste('HTTP proxy', 'http://proxy:3128');
  await paste('Proxy user', 'u');
  await paste('Proxy password', 'p');
  expect(options()).toMatchObject({
    jsonData: { oauthProxyUrl: 'http://proxy:3128', oauthProxyUser: 'u' },
    secureJsonData: { oauthProxyPassword: 'p' },
  });
});

describe('secure SOCKS proxy', () => {
  const NAME = 'Secure Socks Proxy';
  afterEach(() => {
    config.secureSocksDSProxyEnabled = false;
  });

  it('is hidden if Grafana has no SOCKS proxy', () => {
    openSettings({});
    expect(screen.queryByRole('switch', { name: NAME })).toBeNull();
  });

  it('is shown if Grafana has a SOCKS proxy', async () => {
    config.secureSocksDSProxyEnabled = true;
    const options = openSettings({});
    expect(screen.queryByLabelText('SOCKS user name')).toBeNull();
    await userEvent.click(toggle(NAME));
    expect(options().jsonData.enableSecureSocksProxy).toBe(true);
    await paste('SOCKS user name', 'lake');
    await paste('SOCKS password', 'hush');
    expect(options()).toMatchObject({
      jsonData: { secureSocksProxyUsername: 'lake' },
      secureJsonData: { secureSocksProxyPassword: 'hush' },
    });
  });

  it('keeps a stored password until its reset', async () => {
    config.secureSocksDSProxyEnabled = true;
    const options = openSettings({
      jsonData: { enableSecureSocksProxy: true },
      secureJsonFields: { secureSocksProxyPassword: true },
    });
    expect(field('SOCKS password')).toHaveValue('configured');
    expect(field('SOCKS user name')).toHaveAttribute('placeholder', 'mm');
    await userEvent.click(screen.getByRole('button', { name: 'Reset' }));
    expect(options()).toMatchObject({
      secureJsonFields: { secureSocksProxyPassword: false },
      secureJsonData: { secureSocksProxyPassword: '' },
    });
  });

  it('is shown if it was saved as enabled, and can be turned off', async () => {
    const options = openSettings({ jsonData: { enableSecureSocksProxy: true } });
    expect(screen.getByText(/This Grafana has no secure SOCKS proxy/)).toBeInTheDocument();
    await userEvent.click(toggle(NAME));
    expect(options().jsonData.enableSecureSocksProxy).toBe(false);
    expect(toggle(NAME)).not.toBeChecked();
  });
});

describe('secret metadata', () => {
  const row = (number: number) => screen.getByRole('checkbox', { name: `Metadata ${number} is secret` });

  it('moves a header to the secrets and back', async () => {
    const options = openSettings({ jsonData: { metadata: [{ 'x-a': '1' }, { 'x-b': '2' }] } });
    await userEvent.click(row(1));
    expect(options()).toMatchObject({
      jsonData: { metadata: [{ 'x-b': '2' }], secureMetadataName1: 'x-a' },
      secureJsonData: { secureMetadataValue1: '1' },
    });
    await userEvent.click(row(2));
    expect(options().jsonData).toEqual({ metadata: [{ 'x-b': '2' }, { 'x-a': '1' }] });
    expect(options().secureJsonData).toEqual({ secureMetadataValue1: '' });
  });

  it('removes a header and keeps the secrets of the others', async () => {
    const options = openSettings({
      jsonData: { secureMetadataName1: 'x-a', secureMetadataName2: 'x-b' },
      secureJsonFields: { secureMetadataValue1: true, secureMetadataValue2: true },
    });
    await userEvent.click(screen.getByRole('button', { name: 'Remove metadata 1' }));
    expect(options().jsonData).toEqual({ secureMetadataName2: 'x-b' });
    expect(options().secureJsonFields).toEqual({ secureMetadataValue1: false, secureMetadataValue2: true });
    expect(screen.getByLabelText('Metadata 1 value')).toHaveValue('configured');
  });

  it('shows the problem of a secret header', async () => {
    openSettings({ jsonData: { secureMetadataName1: 'Authorization' } });
    expect(screen.getByText(/set by the data source itself/)).toBeInTheDocument();
  });
});
