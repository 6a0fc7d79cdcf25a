import { message } from '../../contract/messages/message';
import { messageText } from './message-text';

describe('messageText', () => {
  it('uses the English templates without a translation', () => {
    expect(messageText([message('token-issuer', { issuer: 'https://idp/' }), message('token-algorithm')])).toBe(
      'The issuer is https://idp/. Signed with RS256.'
    );
  });

  it('inserts values unchanged', () => {
    const issuer = '<b>{{oauthIssuer}}</b> $t(messages.token-algorithm) & "x"';
    expect(messageText(message('token-issuer', { issuer }))).toBe(`The issuer is ${issuer}.`);
  });

  it('uses the field labels of the provider', () => {
    expect(messageText(message('audience-not-issued'), 'google')).toMatch(/^Check Target audience:/);
  });
});
