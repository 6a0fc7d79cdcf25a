/** Names and explanations of the sign-in methods. */
import { type AuthType } from '../../contract/settings';

export interface AuthMethodOption {
  value: AuthType;
  label: string;
  description: string;
}

export const AUTH_METHODS: AuthMethodOption[] = [
  { value: 'token', label: 'API Key', description: 'A key of the Micromegas server' },
  {
    value: 'oauth2',
    label: 'OAuth 2.0 Client Credentials',
    description: 'A service account at your identity provider',
  },
  { value: 'none', label: 'None', description: 'For a server that runs without sign-in' },
];

/** Shown only while a data source is saved with it. */
export const LEGACY_METHOD: AuthMethodOption = {
  value: 'username/password',
  label: 'User name and password (not supported)',
  description: 'Micromegas has no such sign-in',
};
