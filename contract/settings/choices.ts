/** Settings with a fixed list of values. Provisioning files may contain other values. */
import {
  AUTH_TYPES,
  CLIENT_AUTHENTICATION,
  FORWARDED_TOKENS,
  FRESHNESS_NOTICES,
  type MicromegasSettings,
  OAUTH_PROVIDERS,
  RESULT_SHARING,
  SECRET_STYLES,
} from './settings';
import { savedWord } from './saved-word';

/**
 * Name of a setting whose valid values are in `CHOICES`. If the saved value is another one, the data source uses a
 * valid value, and warns.
 */
export type ChoiceName =
  | 'selectedAuthType'
  | 'oauthProvider'
  | 'oauthClientProof'
  | 'oauthSecretStyle'
  | 'oauthForwardedToken'
  | 'freshnessNotices'
  | 'shareResults';

export type ChoiceValue<Name extends ChoiceName> = NonNullable<MicromegasSettings[Name]>;

/** The valid values of each setting. */
export const CHOICES: { readonly [Name in ChoiceName]: ReadonlyArray<ChoiceValue<Name>> } = {
  selectedAuthType: AUTH_TYPES,
  oauthProvider: OAUTH_PROVIDERS,
  oauthClientProof: CLIENT_AUTHENTICATION,
  oauthSecretStyle: SECRET_STYLES,
  oauthForwardedToken: FORWARDED_TOKENS,
  freshnessNotices: FRESHNESS_NOTICES,
  shareResults: RESULT_SHARING,
};

/** The saved value if it is valid. Undefined if it is missing or unknown. */
export function choiceOf<Name extends ChoiceName>(name: Name, saved: unknown): ChoiceValue<Name> | undefined {
  const values: ReadonlyArray<ChoiceValue<Name>> = CHOICES[name];
  return values.find((value) => value === savedWord(saved));
}
