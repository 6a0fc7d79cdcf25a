import { type FindingCode } from './finding-messages';
import { dataSourceFindings, queryFindings } from './findings';
import { type QueryUse } from '../contract/queries/query';

const codes = (findings: ReadonlyArray<{ code: FindingCode }>): FindingCode[] => findings.map(({ code }) => code);

const HOST = { host: 'micromegas:50051', secure: true };
const OAUTH = { ...HOST, oauthIssuer: 'https://issuer.example.com', oauthClientId: 'grafana' };
const ENTRA = { ...OAUTH, oauthIssuer: 'https://login.microsoftonline.com/6f0e3c52-0000-4000-8000-000000000000/v2.0' };

describe('reports the findings of a data source', () => {
  const cases: Array<[string, Record<string, unknown>, Record<string, boolean>, FindingCode[]]> = [
    ['an API key', { ...HOST, selectedAuthType: 'token' }, { token: true }, []],
    ['an API key without TLS', { host: 'm:1', selectedAuthType: 'token' }, { token: true }, ['plaintext']],
    ['an API key among the readable settings', { ...HOST, token: 'x' }, {}, ['token-readable']],
    [
      'user name and password',
      { ...HOST, selectedAuthType: 'username/password', username: 'u' },
      {},
      ['password-sign-in'],
    ],
    ['OAuth', { ...OAUTH, selectedAuthType: 'oauth2' }, { oauthClientSecret: true }, ['oauth-works']],
    ['OAuth without a needed scope', { ...ENTRA }, { oauthClientSecret: true }, ['oauth-incomplete']],
    ['OAuth without its client secret', { ...OAUTH, selectedAuthType: 'oauth2' }, {}, ['oauth-credentials-missing']],
    [
      'a stored key, and no sign-in selected',
      { ...HOST, selectedAuthType: 'none' },
      { token: true },
      ['other-sign-in'],
    ],
    [
      'OAuth fields, and API Key selected but empty',
      { ...OAUTH, selectedAuthType: 'token' },
      { oauthClientSecret: true },
      ['api-key-empty', 'oauth-works'],
    ],
    [
      'a method that was chosen on the settings page',
      { ...HOST, selectedAuthType: 'none', authMethodChosen: true },
      { token: true },
      [],
    ],
    ['an invalid host', { host: 'https://micromegas:50051' }, {}, ['settings-invalid']],
  ];
  it.each(cases)('with %s', (_name, jsonData, secureJsonFields, expected) => {
    expect(codes(dataSourceFindings({ jsonData, secureJsonFields }))).toEqual(expected);
  });

  it('without settings', () => {
    expect(codes(dataSourceFindings({}))).toEqual(['settings-invalid']);
  });
});

describe('reports the findings of a query', () => {
  const V2 = { version: 2, format: 'table', autoLimit: false };
  const cases: Array<[string, QueryUse, unknown, FindingCode[]]> = [
    ['of version 2 without the automatic limit', 'panel', { ...V2, query: 'SELECT exe FROM processes' }, []],
    ['without SQL', 'panel', { format: 'logs', autoLimit: true }, []],
    ['with the automatic limit', 'panel', { query: 'SELECT 1', format: 'table' }, ['auto-limit']],
    ['of version 1 in an alert rule', 'alert rule', { query: 'SELECT 1', format: 'table' }, []],
    ['of an alert rule with the automatic limit', 'alert rule', { query: 'SELECT 1', autoLimit: true }, ['rule-limit']],
    ['of version 2 that does not set the automatic limit', 'panel', { version: 2, query: 'SELECT 1' }, []],
    ['of a variable', 'variable', 'SELECT DISTINCT exe FROM processes', []],
    ['with an unknown format', 'panel', { ...V2, format: 'graph', query: 'SELECT 1' }, ['format-unknown']],
    ['of logs', 'panel', { ...V2, format: 'logs', query: 'SELECT time, msg FROM log_entries' }, ['logs-shown']],
    ['that selects all columns', 'panel', { ...V2, query: 'select * from log_entries' }, ['json-columns']],
    ['with a star in a comment only', 'panel', { ...V2, query: 'select exe -- * from\nfrom processes' }, []],
    ['that converts seconds to times', 'panel', { ...V2, query: 'SELECT to_timestamp_seconds(1)' }, ['time-units']],
    ['with bins', 'panel', { ...V2, query: 'SELECT $__dateBin(time) FROM measures' }, ['short-bins']],
    ['with an unknown macro', 'panel', { ...V2, query: 'SELECT $__timefilter(time)' }, ['macro-unknown']],
    ['that writes', 'panel', { ...V2, query: "COPY (SELECT 1) TO 'x'" }, ['statement-not-allowed']],
    ['that starts with a variable', 'panel', { ...V2, query: '$query' }, []],
    ['with variables of Grafana', 'panel', { ...V2, query: "SELECT '${__org.name}', $__from, '$__dashboard'" }, []],
    ['of the builder', 'panel', { ...V2, rawEditor: false, table: 'processes', columns: ['exe'] }, []],
    ['that is too long', 'panel', { ...V2, query: 'x'.repeat(2_000_000) }, ['query-invalid']],
    ['that is saved as a list', 'panel', [], ['query-invalid']],
  ];
  it.each(cases)('%s', (_name, use, model, expected) => {
    expect(codes(queryFindings({ use, where: 'here', model }))).toEqual(expected);
  });

  it.each<[string, string[], object, FindingCode[]]>([
    ['last', ['last'], {}, ['rule-sparse']],
    ['count and mean', ['mean', 'count'], {}, ['rule-sparse']],
    ['mean', ['mean'], {}, []],
    ['last of a series filled with zeros', ['last'], { fillMode: 'zero' }, []],
    ['last of a series filled with nulls', ['last'], { fillMode: 'null' }, ['rule-sparse']],
    ['last of a table', ['last'], { format: 'table' }, []],
    [
      'last of a series that a macro fills',
      ['last'],
      { query: "SELECT $__timeGroup(time, '5m', 0) AS time, count(*) FROM log_entries GROUP BY 1" },
      [],
    ],
  ])('of a rule that reduces with %s', (_name, reducers, fields, expected) => {
    const model = { ...V2, format: 'time_series', query: 'SELECT time, value FROM measures', ...fields };
    expect(codes(queryFindings({ use: 'alert rule', where: '', model, reducers }))).toEqual(expected);
  });

  it('and names the invalid field or the unknown macro', () => {
    const [tooLong] = queryFindings({ use: 'panel', where: '', model: { ...V2, query: 'x'.repeat(2_000_000) } });
    expect(tooLong.detail).toContain('query');
    const [macro] = queryFindings({ use: 'panel', where: '', model: { ...V2, query: 'SELECT $__nope' } });
    expect(macro.detail).toBe('$__nope');
  });
});
