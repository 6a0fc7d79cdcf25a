import { type DiagnosticSettings } from '../../../contract/resources/diagnostics';
import { message } from '../../../contract/messages/message';
import { createLogger } from '../../observe/logging/logger';
import { parseSettings } from '../../lakehouse/instances/settings';
import { type SavedDataSource } from '../../lakehouse/instances/saved-data-source';
import { createOperatorPolicy } from '../../lakehouse/operator/operator-policy';
import { describeCheck } from './describe-check';
import { describeSettings } from './describe-settings';

function settings(jsonData: object | string, secrets: Record<string, string> = {}): DiagnosticSettings {
  const source: SavedDataSource = {
    uid: 'u',
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(typeof jsonData === 'string' ? jsonData : JSON.stringify(jsonData)),
    decryptedSecureJsonData: secrets,
    lastUpdatedMs: 0,
  };
  const policy = createOperatorPolicy({}, createLogger({ write: () => undefined }));
  return describeSettings(source, () => parseSettings(source, { policy, environment: {} }));
}

describe('settings', () => {
  it('are described with the effective sign-in and provider', () => {
    const described = settings(
      {
        host: 'lake:50051',
        secure: true,
        oauthIssuer: 'https://login.microsoftonline.com/tenant/v2.0',
        oauthClientId: 'client',
        oauthScope: 'api://lake/.default',
        maxRows: 5,
      },
      { oauthClientSecret: 'hush-hush', token: '' }
    );
    expect(described).toEqual({
      signIn: 'oauth2',
      provider: 'entra',
      values: {
        host: 'lake:50051',
        secure: true,
        oauthIssuer: 'https://login.microsoftonline.com/tenant/v2.0',
        oauthScope: 'api://lake/.default',
        maxRows: 5,
      },
      hidden: ['oauthClientId'],
      secrets: ['oauthClientSecret'],
      headers: [],
      secretHeaders: [],
      parameters: [],
      problems: [],
    });
  });

  it('have no provider if the sign-in is not OAuth', () => {
    const described = settings({ host: 'lake:50051', selectedAuthType: 'token' }, { token: 'hush-hush' });
    expect(described).toMatchObject({ signIn: 'token', problems: [] });
    expect(described).not.toHaveProperty('provider');
  });

  it.each([
    ['https://user:pass@idp.example/realm?key=1#part', 'https://idp.example/realm'],
    ['https://user:pa@ss/wo?rd@idp.example/realm', 'https://idp.example/realm'],
    ['https://user:1/word@idp.example', 'https://idp.example'],
    ['user:pass@idp.example', 'idp.example'],
    ['user:pass://word@idp.example', 'idp.example'],
    ['https://user:pass://word@idp.example', 'https://idp.example'],
  ])('show the address %s only as %s', (oauthIssuer, shown) => {
    expect(settings({ oauthIssuer }).values).toEqual({ oauthIssuer: shown });
  });

  it('hide credentials in addresses and hosts, and in other strings only if they begin like an address', () => {
    const jsonData = {
      oauthScope: 'read@lake write?',
      oauthAudience: ' https://user:pass@idp.example',
      serverName: 'user:pass@lake.example',
      oauthServerName: 'user:pass@idp.example',
    };
    expect(settings(jsonData).values).toEqual({
      oauthScope: 'read@lake write?',
      oauthAudience: 'https://idp.example',
      serverName: 'lake.example',
      oauthServerName: 'idp.example',
    });
  });

  it('show names of headers and parameters without values', () => {
    const described = settings(
      {
        metadata: [{ 'x-team': 'blue-team-key' }],
        secureMetadataName1: 'x-key',
        oauthParameterName1: 'resource',
        oauthParameterValue1: 'plain-value',
        oauthParameterName2: 'password',
      },
      { secureMetadataValue1: 'secret-value', oauthParameterValue2: 'secret-word' }
    );
    expect(described).toMatchObject({
      headers: ['x-team'],
      secretHeaders: ['x-key'],
      parameters: ['resource', 'password'],
    });
    expect(JSON.stringify(described)).not.toMatch(/blue-team-key|plain-value|secret-value|secret-word/);
  });

  it('hide a secret that was pasted into another field', () => {
    const described = settings(
      {
        host: 'the-key',
        oauthAudience: 'with the-key inside',
        oauthIssuer: 'x?the-key',
        metadata: [{ 'the-key': 'v' }],
      },
      { token: ' the-key ' }
    );
    expect(described.values).toEqual({ host: '[secret]', oauthAudience: '[secret]', oauthIssuer: '[secret]' });
    expect(described.headers).toEqual(['[secret]']);
    expect(settings({ token: 'old-plain-key', host: 'old-plain-key' })).toMatchObject({
      values: { host: '[secret]' },
      hidden: ['token'],
    });
  });

  it('are described when they are invalid', () => {
    expect(settings({ maxRows: 'all', host: 'lake:1' })).toMatchObject({
      values: { maxRows: '(not a number)' },
      problems: [{ code: 'max-rows-invalid', field: 'maxRows' }],
    });
    expect(settings({ maxRows: 'Infinity', host: 'lake:1' }).values).toMatchObject({ maxRows: 'Infinity' });
    expect(settings({ host: 'lake:1', username: 'bob', selectedAuthType: 'username/password' })).toMatchObject({
      signIn: 'username/password',
      hidden: ['username'],
      problems: [{ code: 'password_unsupported' }],
    });
    expect(settings('[1', { token: 'x' })).toMatchObject({
      secrets: ['token'],
      problems: [{ code: 'settings_invalid' }],
    });
  });

  it('are limited in size', () => {
    const names = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${'n'.repeat(500)}${index}`, 'v']));
    const described = settings({ host: 'h'.repeat(100_000), metadata: [names] }, names);
    expect(JSON.stringify(described).length).toBeLessThan(50_000);
  });
});

it('describes a check without the values of its messages', () => {
  const described = describeCheck(
    {
      status: 'error',
      details: {
        message: 'Ada cannot sign in',
        code: 'token_refused',
        verboseMessage: 'Ada',
        stages: [
          {
            name: 'server',
            title: message('stage-server'),
            status: 'failed',
            tried: message('tried-tables'),
            text: [message('server-said', { text: 'ada@example.com is not allowed' })],
            tookMs: 3,
          },
        ],
        token: {
          rules: [{ name: 'issuer', status: 'broken', text: [message('token-algorithm')] }],
          serverConfig: '{"x":1}',
        },
        whoAmI: {
          isAttributionOn: true,
          recorded: { user: 'ada', client: 'g' },
          otherwise: { client: 'g' },
          isProven: false,
        },
      },
    },
    0
  );
  expect(described).toEqual({
    checkedAt: '1970-01-01T00:00:00.000Z',
    status: 'error',
    code: 'token_refused',
    stages: [{ name: 'server', status: 'failed', tookMs: 3, messages: ['server-said'] }],
    tokenRules: [{ name: 'issuer', status: 'broken' }],
  });
});
