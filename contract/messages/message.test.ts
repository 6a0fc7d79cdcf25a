import { fieldLabels, type FieldName, isFieldName } from '../settings/field-labels';
import { type RecognisedProvider } from '../settings/providers';
import { atField, message, type Message, type MessageCode, MESSAGES, render, withLabels } from './message';
import { BETWEEN_MESSAGES } from './between-messages';
import { HEALTH_MESSAGES } from './health-messages';
import { PROVIDER_MESSAGES } from './provider-messages';
import { SETTINGS_MESSAGES } from './settings-messages';
import { TOKEN_MESSAGES } from './token-messages';

const CODES = Object.keys(MESSAGES) as MessageCode[];

/** Codes of titles, of parts of sentences, and of sentences that end with a string from another program. */
const FRAGMENTS =
  /^(?:stage|tried|route|sign-in-(?!again)|secret|identity|connected-(?!briefly)|count|subject-(?:unknown|only|of)|issuer-only|part|owner|proof|expected-|used|nobody|failure|verbatim|query-id|token-checked|checked|numbered|server-said|provider-keys|value-(?!without)|kind|query-(?:field|sql))/;

/** Placeholders of a template that are not names of fields. */
function valueNames(template: string): string[] {
  return [...template.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).filter((name) => !isFieldName(name));
}

/** A message with a value for each name in its template. */
function filled(code: MessageCode): Message {
  return { code, values: Object.fromEntries(valueNames(MESSAGES[code]).map((name) => [name, `<${name}>`])) };
}

describe('templates', () => {
  it.each(CODES)('render completely: %s', (code) => {
    const rendered = render(filled(code));
    expect(rendered).not.toMatch(/[{}]|undefined/);
    for (const name of valueNames(MESSAGES[code])) {
      expect(rendered).toContain(`<${name}>`);
    }
  });

  it.each(CODES.filter((code) => !FRAGMENTS.test(code)))('are whole sentences: %s', (code) => {
    expect(render(filled(code))).toMatch(/^[A-Z"<{].*[.]$/);
  });

  it('have unique codes', () => {
    const groups = [SETTINGS_MESSAGES, PROVIDER_MESSAGES, BETWEEN_MESSAGES, TOKEN_MESSAGES, HEALTH_MESSAGES];
    const codes = groups.flatMap((group) => Object.keys(group));
    expect(codes).toHaveLength(CODES.length);
  });
});

describe('render', () => {
  it('joins sentences with spaces and lists with commas', () => {
    const parts = [message('part-issuer', { issuer: 'i' }), message('part-audience', { audiences: ['a', 'b'] })];
    expect(render([message('token-received', { parts }), message('token-algorithm')])).toBe(
      'Received: issuer i, audience a, b. Signed with RS256.'
    );
  });

  it('does not replace placeholders in values', () => {
    expect(render(message('token-issuer', { issuer: '{{oauthIssuer}} {{issuer}}' }))).toBe(
      'The issuer is {{oauthIssuer}} {{issuer}}.'
    );
  });

  it('returns a string unchanged', () => {
    expect(render('{{oauthIssuer}}')).toBe('{{oauthIssuer}}');
  });

  it('puts the label of the field in front', () => {
    expect(render(atField('host', message('host-malformed')))).toMatch(/^Host: The address is host:port/);
  });

  it('uses the translated template', () => {
    const translate = (code: MessageCode) => (code === 'token-issuer' ? 'Aussteller: {{issuer}}' : '?');
    expect(render(message('token-issuer', { issuer: 'i' }), { translate })).toBe('Aussteller: i');
  });

  it('shows the code of an unknown message', () => {
    const unknown: Message = JSON.parse('{"code":"of-a-later-version"}');
    expect(render(unknown)).toBe('of-a-later-version');
  });
});

describe('labels of fields', () => {
  const FIELDS: FieldName[] = ['oauthIssuer', 'oauthRealm', 'oauthAudience', 'oauthScope', 'oauthClientSecret'];

  it.each<{ provider: RecognisedProvider; labels: string[] }>([
    { provider: 'auth0', labels: ['Domain', 'OIDC Issuer', 'Audience (API Identifier)', 'Scope', 'Client Secret'] },
    {
      provider: 'google',
      labels: ['OIDC Issuer', 'OIDC Issuer', 'Target audience', 'Scope', 'Service account key (JSON)'],
    },
    {
      provider: 'entra',
      labels: ['Directory (tenant) ID', 'OIDC Issuer', 'Audience', 'Application ID URI', 'Client Secret'],
    },
    { provider: 'keycloak', labels: ['Server URL', 'Realm', 'Audience', 'Scope', 'Client Secret'] },
    { provider: 'other', labels: ['OIDC Issuer', 'OIDC Issuer', 'Audience', 'Scope', 'Client Secret'] },
  ])('are those of the settings form of $provider', ({ provider, labels }) => {
    const template = FIELDS.map((field) => `{{${field}}}`).join(', ');
    expect(withLabels(template, fieldLabels(provider))).toBe(labels.join(', '));
  });

  it('replace the names of fields in messages', () => {
    const advice = message('audience-not-issued');
    expect(render(advice)).toMatch(/^Check Audience: /);
    expect(render(advice, { labels: fieldLabels('google') })).toMatch(/^Check Target audience: /);
    expect(render(atField('oauthIssuer', advice), { labels: fieldLabels('auth0') })).toMatch(
      /^Domain: Check Audience \(API/
    );
  });
});
