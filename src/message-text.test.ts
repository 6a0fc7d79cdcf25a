import { message } from '../contract/messages/message';
import { messageText } from './message-text';

describe('messageText', () => {
  it('fills English templates while there is no translation', () => {
    expect(messageText([message('token-issuer', { issuer: 'https://idp/' }), message('token-algorithm')])).toBe(
      'The issuer is https://idp/. Signed with RS256.'
    );
  });

  it('shows values of servers and providers unchanged', () => {
    const issuer = '<b>{{oauthIssuer}}</b> $t(messages.token-algorithm) & "x"';
    expect(messageText(message('token-issuer', { issuer }))).toBe(`The issuer is ${issuer}.`);
  });

  it('names fields as the form of the provider does', () => {
    expect(messageText(message('audience-not-issued'), 'google')).toMatch(/^Check Target audience:/);
  });
});
