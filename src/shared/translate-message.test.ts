import { message } from '../../contract/messages/message';
import { translateMessage } from './translate-message';

describe('translateMessage', () => {
  it('uses the English templates if there is no translation', () => {
    expect(translateMessage([message('token-issuer', { issuer: 'https://idp/' }), message('token-algorithm')])).toBe(
      'The issuer is https://idp/. Signed with RS256.'
    );
  });

  it('inserts values unchanged', () => {
    const issuer = '<b>{{oauthIssuer}}</b> $t(messages.token-algorithm) & "x"';
    expect(translateMessage(message('token-issuer', { issuer }))).toBe(`The issuer is ${issuer}.`);
  });

  it('uses the field labels of the provider', () => {
    expect(translateMessage(message('audience-not-issued'), 'google')).toMatch(/^Check Target audience:/);
  });
});
