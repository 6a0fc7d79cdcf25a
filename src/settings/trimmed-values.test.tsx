import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type MicromegasOptions } from '../shared/types';
import { openSettings } from '../testing/settings-page';

const NOTICE = 'White space at the ends of the value was removed.';
const OAUTH: MicromegasOptions = { selectedAuthType: 'oauth2', oauthIssuer: 'https://id.example.com/' };

/** Types a value with white space at its ends, and leaves the field. */
async function enter(label: RegExp): Promise<HTMLElement> {
  const field = screen.getByLabelText(label);
  await userEvent.clear(field);
  await userEvent.click(field);
  await userEvent.paste(' a b \t');
  await userEvent.tab();
  return field;
}

it.each<[label: string, jsonData: MicromegasOptions, saved: object]>([
  ['Host', {}, { jsonData: { host: 'a b' } }],
  ['API Key', { selectedAuthType: 'token' }, { secureJsonData: { token: 'a b' } }],
  ['Client ID', OAUTH, { jsonData: { oauthClientId: 'a b' } }],
  ['Client Secret', OAUTH, { secureJsonData: { oauthClientSecret: 'a b' } }],
  ['Audience', OAUTH, { jsonData: { oauthAudience: 'a b' } }],
])('removes white space at the ends of %s, and says so until the value changes', async (label, jsonData, saved) => {
  const options = openSettings({ jsonData });
  const field = await enter(new RegExp(`^${label}( \\*)?$`));
  expect(options()).toMatchObject(saved);
  expect(screen.getByText(NOTICE)).toBeInTheDocument();
  expect(field).toHaveAccessibleDescription(expect.stringContaining(NOTICE));
  await userEvent.type(field, 'c');
  expect(screen.queryByText(NOTICE)).not.toBeInTheDocument();
});

it('keeps white space between words while the user types them', async () => {
  const options = openSettings({ jsonData: OAUTH });
  await userEvent.type(screen.getByLabelText(/^Scope/), 'read write');
  expect(options().jsonData.oauthScope).toBe('read write');
  expect(screen.queryByText(NOTICE)).not.toBeInTheDocument();
});

it('keeps white space at the ends of a password', async () => {
  const options = openSettings({ jsonData: { ...OAUTH, oauthProxyUrl: 'http://proxy:3128', oauthProxyUser: 'u' } });
  await enter(/^Proxy password/);
  expect(options().secureJsonData).toEqual({ oauthProxyPassword: ' a b \t' });
  expect(screen.queryByText(NOTICE)).not.toBeInTheDocument();
});
