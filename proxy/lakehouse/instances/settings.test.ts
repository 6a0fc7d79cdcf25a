import { fieldLabels } from '../../../contract/settings/field-labels';
import { problemOf, saved, settingsOf } from './testing/settings-bench';

const OAUTH = { oauthIssuer: 'https://idp.example/', oauthClientId: 'grafana' };

it('reads a plain data source with the defaults', () => {
  expect(settingsOf(saved({ host: ' lake.example:50051 ', selectedAuthType: 'none' }))).toEqual({
    uid: 'u1',
    orgId: 1,
    name: 'Lake',
    server: { host: 'lake.example', port: 50051 },
    providerRoute: { tls: { skipVerify: false } },
    auth: { kind: 'none' },
    attribution: 'full',
    metadata: [],
    timeoutMs: 60_000,
    maxRows: 1_000_000,
    maxStatements: 16,
    resultAgeMs: 5000,
    sharing: 'user',
    wholeRefreshMs: 600_000,
    suggestsValues: true,
    freshnessNotices: 'dashboards',
    warnings: [],
    labels: fieldLabels(),
    files: [],
  });
});

it('removes the brackets of an IPv6 address', () => {
  expect(settingsOf(saved({ host: '[::1]:50051' }))).toMatchObject({ server: { host: '::1', port: 50051 } });
});

describe('sign-in', () => {
  interface Case {
    name: string;
    json: Record<string, unknown>;
    secrets?: Record<string, string>;
    kind: string;
    attribution: string;
    warnings?: RegExp[];
  }
  const cases: Case[] = [
    {
      name: 'an API key',
      json: { selectedAuthType: 'token' },
      secrets: { token: ' key ' },
      kind: 'token',
      attribution: 'full',
    },
    {
      name: 'old settings with the key in jsonData',
      json: { token: 'key' },
      kind: 'token',
      attribution: 'full',
      warnings: [/unencrypted/],
    },
    {
      name: 'an API key, and another key in jsonData of old settings',
      json: { token: 'old' },
      secrets: { token: 'key' },
      kind: 'token',
      attribution: 'full',
      warnings: [/stored another key unencrypted.*Press Delete the unused key/],
    },
    {
      name: 'OAuth',
      json: { selectedAuthType: 'oauth2', ...OAUTH },
      secrets: { oauthClientSecret: 's' },
      kind: 'oauth2',
      attribution: 'name-only',
    },
    {
      name: 'OAuth fields while API Key is selected',
      json: { selectedAuthType: 'token', ...OAUTH },
      secrets: { oauthClientSecret: 's' },
      kind: 'oauth2',
      attribution: 'name-only',
      warnings: [/"API Key" is selected but empty, so the data source still uses the saved OAuth client/],
    },
    {
      name: 'a stored token while OAuth is selected',
      json: { selectedAuthType: 'oauth2', authMethodChosen: false },
      secrets: { token: 'key' },
      kind: 'token',
      attribution: 'full',
      warnings: [/"OAuth 2.0 Client Credentials" is selected/],
    },
    {
      name: 'the choice of no sign-in on the settings page',
      json: { selectedAuthType: 'none', authMethodChosen: true, ...OAUTH },
      secrets: { oauthClientSecret: 's' },
      kind: 'none',
      attribution: 'full',
    },
    {
      name: 'a stored token while user name and password is selected',
      json: { selectedAuthType: 'username/password', username: 'u' },
      secrets: { token: 'key', password: 'p' },
      kind: 'token',
      attribution: 'full',
      warnings: [/uses "API Key", because the fields of that method are filled in/],
    },
    {
      name: 'OAuth with attribution switched off',
      json: { selectedAuthType: 'oauth2', ...OAUTH, enableUserAttribution: false },
      secrets: { oauthClientSecret: 's' },
      kind: 'oauth2',
      attribution: 'off',
    },
    {
      name: 'an unknown method',
      json: { selectedAuthType: 'tokne' },
      kind: 'none',
      attribution: 'full',
      warnings: [/"tokne" is unknown, so the data source uses "none"/],
    },
    {
      name: 'an unknown method with an API key',
      json: { selectedAuthType: 'tokne' },
      secrets: { token: 'key' },
      kind: 'token',
      attribution: 'full',
      warnings: [/"tokne" is unknown, so the data source uses "token"/],
    },
  ];

  it.each(cases)('follows from $name', ({ json, secrets, kind, attribution, warnings = [] }) => {
    const settings = settingsOf(saved({ host: 'a:1', ...json }, secrets));
    expect(settings.auth.kind).toBe(kind);
    expect(settings.attribution).toBe(attribution);
    expect(settings.warnings).toHaveLength(warnings.length);
    warnings.forEach((warning, index) => expect(settings.warnings[index]).toMatch(warning));
  });

  it('trims credentials, and hides secrets when printed', () => {
    const settings = settingsOf(
      saved({ host: 'a:1', ...OAUTH, oauthAudience: ' micromegas ', oauthScope: '' }, { oauthClientSecret: 'hush' })
    );
    expect(settings.auth).toMatchObject({
      credentials: { issuer: 'https://idp.example/', clientId: 'grafana', audience: 'micromegas' },
    });
    expect(settings.auth).not.toHaveProperty('credentials.scope');
    expect(JSON.stringify(settings)).not.toContain('hush');
  });

  it('removes Bearer from an API key', () => {
    const { auth } = settingsOf(saved({ host: 'a:1' }, { token: 'Bearer mmk_1' }));
    expect(auth.kind === 'token' && auth.token.reveal()).toBe('mmk_1');
  });

  it.each<{ method: string; json: object; secrets: Record<string, string>; problem: string }>([
    { method: 'token', json: OAUTH, secrets: { oauthClientSecret: 's' }, problem: 'api-key-missing' },
    { method: 'oauth2', json: {}, secrets: { token: 'key' }, problem: 'issuer-missing' },
  ])('uses only the method $method that was chosen on the settings page', ({ method, json, secrets, problem }) => {
    const error = problemOf(saved({ host: 'a:1', ...json, selectedAuthType: method, authMethodChosen: true }, secrets));
    expect(error.code).toBe('settings_invalid');
    expect(error.messages.detail).toContainEqual(expect.objectContaining({ code: problem }));
  });

  it('rejects sign-in with user name and password', () => {
    const error = problemOf(saved({ host: 'a:1', selectedAuthType: 'username/password', username: 'u' }));
    expect(error.code).toBe('password_unsupported');
  });
});

describe('unknown values', () => {
  const OAUTH2 = { selectedAuthType: 'oauth2', ...OAUTH };

  it.each<[name: string, value: unknown, used: string, json: object]>([
    ['selectedAuthType', 'kerberos', 'none', {}],
    ['freshnessNotices', 'always', 'dashboards', {}],
    ['freshnessNotices', false, 'dashboards', {}],
    ['shareResults', 'everyone', 'user', {}],
    ['oauthProvider', 'azure', 'other', OAUTH2],
    ['oauthClientProof', 'password', 'secret', OAUTH2],
    ['oauthSecretStyle', 'header', 'auto', OAUTH2],
    ['oauthForwardedToken', 'refresh', 'auto', { ...OAUTH2, oauthPassThru: true }],
  ])('of %s cause a warning: %j', (name, value, used, json) => {
    const { warnings, labels } = settingsOf(
      saved({ host: 'a:1', ...json, [name]: value }, 'oauthIssuer' in json ? { oauthClientSecret: 's' } : {})
    );
    expect(warnings).toEqual([
      expect.stringContaining(`"${String(value)}" is unknown, so the data source uses "${used}"`),
    ]);
    expect(warnings[0]).toContain(`Valid values of ${name}: `);
    expect(Object.values(labels).some((label) => warnings[0]?.startsWith(`${label}: `))).toBe(true);
  });
});

it('warns about a misspelled name of a setting', () => {
  const { warnings } = settingsOf(saved({ host: 'a:1', maxStatement: 4 }));
  expect(warnings).toEqual([expect.stringContaining('If maxStatements is meant')]);
});

it('names a misspelled setting beside the problem that it causes', () => {
  const misspelled = saved({ host: 'a:1', selectedAuthType: 'oauth2', oauthClientId: 'c', oauthIsuer: 'https://id/' });
  expect(() => settingsOf(misspelled)).toThrow(/OIDC Issuer: .*"oauthIsuer" .*If oauthIssuer is meant/);
});

it.each([
  [
    'a misspelled secret',
    {},
    { oauthClientSecrets: 's' },
    /Enter the client secret\..* "oauthClientSecrets" .* oauthClientSecret is/,
  ],
  ['a secret in jsonData', { oauthClientSecret: 's' }, {}, /"oauthClientSecret" has no effect in jsonData/],
  ['a secret with another name in jsonData', { clientSecret: 's' }, {}, /oauthClientSecret in secureJsonData/],
])('names %s beside the problem that it causes', (_name, json, secrets, expected) => {
  const oauth = { host: 'a:1', selectedAuthType: 'oauth2', oauthClientId: 'c', oauthIssuer: 'https://id.example.com/' };
  expect(() => settingsOf(saved({ ...oauth, ...json }, secrets))).toThrow(expected);
});

it('warns that an API key in jsonData must be replaced, and stored as a secret', () => {
  const { warnings } = settingsOf(saved({ host: 'a:1', apiKey: 'k' }));
  expect(warnings).toEqual([
    expect.stringMatching(/^"apiKey" has no effect in jsonData.* new .* token in secureJsonData/),
  ]);
});

it('accepts a list of scopes', () => {
  const oauth = { host: 'a:1', selectedAuthType: 'oauth2', oauthClientId: 'c', oauthIssuer: 'https://id.example.com/' };
  const { auth } = settingsOf(saved({ ...oauth, oauthScope: ['a', 'b'] }, { oauthClientSecret: 's' }));
  expect(JSON.stringify(auth)).toContain('"a b"');
});

describe('conversion of saved values', () => {
  it('reads null as a missing value, and converts strings to numbers and switches', () => {
    const settings = settingsOf(
      saved({
        host: 'a:1',
        secure: 'true',
        selectedAuthType: null,
        oauthIssuer: null,
        queryTimeoutSeconds: '2.5',
        maxRows: '10',
        maxAnswerMegabytes: '2.5',
        enableUserAttribution: null,
      })
    );
    expect(settings).toMatchObject({
      server: { tls: { skipVerify: false } },
      timeoutMs: 2500,
      maxRows: 10,
      maxResultBytes: 2_500_000,
      attribution: 'full',
    });
  });

  it.each(['ja', 2, ['true'], {}])('rejects a switch that is neither on nor off: %j', (secure) => {
    expect(() => settingsOf(saved({ host: 'a:1', secure }))).toThrow('secure in the saved settings must be true');
  });

  it.each(['secure', 'tlsSkipVerify', 'tlsAuth', 'enableSecureSocksProxy', 'oauthPassThru', 'enableUserAttribution'])(
    'reads a blank value of %s as missing, and rejects an unknown word',
    (name) => {
      const blank = settingsOf(saved({ host: 'a:1', [name]: ' ' }));
      expect(blank).toEqual(settingsOf(saved({ host: 'a:1' })));
      expect(() => settingsOf(saved({ host: 'a:1', [name]: 'ja' }))).toThrow(
        `${name} in the saved settings must be true`
      );
    }
  );

  it.each([
    ['suggestValues', 'nein'],
    ['authMethodChosen', 'ja'],
    // Without OAuth, the settings page does not show this switch.
    ['oauthTlsAuthWithCACert', 'ja'],
  ])('ignores an unknown value of %s with a warning', (name, value) => {
    const { warnings, ...settings } = settingsOf(saved({ host: 'a:1', [name]: value }));
    const { warnings: none, ...unset } = settingsOf(saved({ host: 'a:1' }));
    expect(settings).toEqual(unset);
    expect(none).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(`The value of ${name} in the saved settings is ignored`)]);
  });

  it.each(['oauthTlsSkipVerify', 'oauthTlsAuth', 'oauthTlsAuthWithCACert'])(
    'rejects an unknown value of %s with OAuth',
    (name) => {
      expect(() => settingsOf(saved({ host: 'a:1', ...OAUTH, [name]: 'ja' }, { oauthClientSecret: 's' }))).toThrow(
        `${name} in the saved settings must be true`
      );
    }
  );

  it.each([
    [undefined, true],
    [null, true],
    ['', true],
    [' ', true],
    [true, true],
    ['Yes', true],
    [1, true],
    [false, false],
    ['false', false],
    ['off', false],
  ])('suggests values unless the setting is off: %j', (suggestValues, expected) => {
    expect(settingsOf(saved({ host: 'a:1', suggestValues })).suggestsValues).toBe(expected);
  });

  it.each([
    { sourceUrl: undefined, used: undefined, warning: undefined },
    { sourceUrl: ' ', used: undefined, warning: undefined },
    {
      sourceUrl: ' https://git.example/{file}#L{line} ',
      used: 'https://git.example/{file}#L{line}',
      warning: undefined,
    },
    { sourceUrl: 'http://git.example/?path={file}', used: 'http://git.example/?path={file}', warning: undefined },
    { sourceUrl: 'git.example/{file}', used: undefined, warning: /^Source URL: Enter a URL/ },
    { sourceUrl: 'javascript:alert({file})', used: undefined, warning: /Enter a URL/ },
    { sourceUrl: 'https://user:key@git.example/{file}', used: undefined, warning: /without spaces, a user name/ },
    { sourceUrl: 'https://git.example/main', used: undefined, warning: /has no \{file\}/ },
    { sourceUrl: 'https://{file}/', used: undefined, warning: /after the host/ },
    { sourceUrl: 'https://git.example:{line}/{file}', used: undefined, warning: /\{file\}, \{line\} after the host/ },
  ])('uses the source URL $sourceUrl only if it is valid', ({ sourceUrl, used, warning }) => {
    const settings = settingsOf(saved({ host: 'a:1', sourceUrl }));
    expect(settings.sourceUrl).toBe(used);
    expect(settings.warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
  });

  it.each([
    [undefined, 'dashboards'],
    ['off', 'off'],
    [' explore ', 'explore'],
    ['everywhere', 'dashboards'],
    [true, 'dashboards'],
  ])(
    'shows notices of freshness where a valid setting says, or else also on dashboards: %j',
    (freshnessNotices, expected) => {
      expect(settingsOf(saved({ host: 'a:1', freshnessNotices })).freshnessNotices).toBe(expected);
    }
  );

  it.each([
    { name: 'an entry without name and value', metadata: [{ '': '' }], kept: [] },
    { name: 'null', metadata: null, kept: [] },
    { name: 'a list with invalid items', metadata: [null, 7, { 'X-Team': ' blue ' }], kept: [['x-team', 'blue']] },
    { name: 'one object', metadata: { a: '1', b: 2 }, kept: [['a', '1'], ['b', '2']] }, // prettier-ignore
  ])('reads metadata from $name', ({ metadata, kept }) => {
    expect(settingsOf(saved({ host: 'a:1', metadata })).metadata).toEqual(kept);
  });

  it('warns about an entry without a value', () => {
    const settings = settingsOf(saved({ host: 'a:1', metadata: [{ 'x-team': '' }] }));
    expect(settings.metadata).toEqual([]);
    expect(settings.warnings).toEqual([
      'Metadata: "x-team" has no value, so it is not sent. Enter a value, or remove the entry.',
    ]);
  });
});

describe('metadata of old settings with a name that the data source sets itself', () => {
  it('is dropped with a warning', () => {
    const settings = settingsOf(
      saved({ host: 'lake:50051', metadata: [{ 'x-client-type': 'mine' }, { limit: '5' }, { 'X-Team': 'a' }] })
    );
    expect(settings.metadata).toEqual([['x-team', 'a']]);
    expect(settings.warnings).toEqual([
      expect.stringMatching(/"x-client-type".*not sent/),
      expect.stringMatching(/"limit".*not sent/),
    ]);
  });

  it('is still sent if the name is authorization and there is no other sign-in', () => {
    const metadata = [{ authorization: 'Bearer k' }];
    const alone = settingsOf(saved({ host: 'lake:50051', selectedAuthType: 'none', metadata }));
    expect(alone.metadata).toEqual([['authorization', 'Bearer k']]);
    const beside = settingsOf(saved({ host: 'lake:50051', token: 'other', metadata }));
    expect(beside.metadata).toEqual([]);
  });
});

describe('problems', () => {
  it('are reported together, with the labels of their fields', () => {
    const error = problemOf(
      saved({
        host: 'http://lake',
        selectedAuthType: 'oauth2',
        oauthIssuer: 'http://idp.example',
        metadata: [{ 'x team': 'x' }, { 'x-team': 'blüe' }, { '': 'orphan' }],
        queryTimeoutSeconds: 'soon',
        maxRows: 0,
        maxAnswerMegabytes: 'all',
      })
    );
    expect(error.code).toBe('settings_invalid');
    for (const label of [
      'Host: ',
      'OIDC Issuer: ',
      'Client ID: ',
      'Client Secret: ',
      'Query timeout: ',
      'Row limit: ',
      'Size limit: ',
    ]) {
      expect(error.detail).toContain(label);
    }
    expect(error.detail?.match(/Metadata: /g)).toHaveLength(3);
  });

  it.each([
    { name: 'nothing saved', source: saved(''), detail: /^Host: Enter the address/ },
    { name: 'invalid JSON', source: saved('{'), detail: /not a JSON object/ },
    { name: 'a list', source: saved('[]'), detail: /not a JSON object/ },
    { name: 'no key', source: saved({ host: 'a:1', selectedAuthType: 'token' }), detail: /^API Key: Enter/ },
    {
      name: 'a timeout below one second',
      source: saved({ host: 'a:1', queryTimeoutSeconds: 0.9 }),
      detail: /^Query timeout: .* between 1 and 3600/,
    },
    {
      name: 'a key with a line feed',
      source: saved({ host: 'a:1' }, { token: 'a\nb' }),
      detail: /^API Key: The key contains/,
    },
  ])('are reported for $name', ({ source, detail }) => {
    expect(problemOf(source)).toMatchObject({ code: 'settings_invalid', detail: expect.stringMatching(detail) });
  });
});
