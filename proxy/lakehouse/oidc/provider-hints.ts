/**
 * Advice for errors of identity providers. The tables in hints/ list errors that are specific to one provider, and
 * errors that standards define.
 */
import { message, type Message } from '../../../contract/messages/message';
import { type ErrorCode } from '../../base/errors/catalogue';
import { isNeeded } from './advised-changes';
import { type AuthenticationInUse, type SettingsInUse } from './client-credentials';
import { AUTH0_HINTS } from './hints/auth0';
import { COMMON_HINTS } from './hints/common';
import { ENTRA_HINTS } from './hints/entra';
import { GOOGLE_HINTS } from './hints/google';
import { type Advice, type ProviderHint } from './hints/hint';
import { HYDRA_HINTS } from './hints/hydra';
import { KEYCLOAK_HINTS } from './hints/keycloak';
import { OKTA_HINTS } from './hints/okta';

/**
 * The hints of all tables. All hints are searched, because only the messages of a provider identify it if it has a
 * custom domain. The first matching hint with advice that is still needed is used, so the hints for errors of the
 * standards come last.
 */
export const HINTS: readonly ProviderHint[] = [
  ...ENTRA_HINTS,
  ...OKTA_HINTS,
  ...KEYCLOAK_HINTS,
  ...HYDRA_HINTS,
  ...GOOGLE_HINTS,
  ...AUTH0_HINTS,
  ...COMMON_HINTS,
];

/** The code of an error, and the advice that applies to the settings in use. */
export interface Hint {
  /** Default: the code that follows from the `error` and the status of the response. */
  readonly code?: ErrorCode;
  /** Default: the advice for the code. */
  readonly advice?: readonly Message[];
  /** Less likely causes. */
  readonly more?: readonly Message[];
  /** See `ProviderErrorOptions.isAboutMethod`. */
  readonly isAboutMethod: boolean;
}

/** An error of a provider, and the request that caused it. */
export interface ProviderFailure {
  readonly error?: string;
  readonly description?: string;
  /** URL of the request. */
  readonly url: string;
  /** The method of client authentication. Undefined for a request without authentication, such as discovery. */
  readonly authentication: AuthenticationInUse | undefined;
}

/**
 * The messages of the advice. Advice for a value that is already set is dropped. If `authentication` is undefined,
 * advice that depends on it is dropped too.
 */
export function neededAdvice(advice: readonly Advice[], authentication: AuthenticationInUse | undefined): Message[] {
  const settings: SettingsInUse = authentication ?? {};
  return advice
    .map((each) => (typeof each === 'string' ? message(each) : authentication && each(authentication)))
    .filter((each) => each !== undefined)
    .filter((each) => isNeeded(each, settings));
}

/**
 * The hint for an error of a provider: the first match with advice that is still needed. Undefined when no hint
 * matches. If the settings already follow the advice of all matches, the result has neither code nor advice.
 * `isAboutMethod` always comes from the first match.
 */
export function hintFor({ error, description, url, authentication }: ProviderFailure): Hint | undefined {
  const rejection = [error, description].filter((part) => part !== undefined).join(': ');
  const matching = HINTS.filter(
    (hint) =>
      (hint.methods === undefined || (authentication !== undefined && hint.methods.includes(authentication.kind))) &&
      (hint.url === undefined || hint.url.test(url)) &&
      hint.pattern.test(rejection)
  );
  const isAboutMethod = matching[0]?.isAboutMethod ?? false;
  for (const { code, advice, more = [] } of matching) {
    const needed = neededAdvice(advice, authentication);
    if (needed.length > 0) {
      const others = neededAdvice(more, authentication).filter(
        (other) => !needed.some((each) => each.code === other.code)
      );
      return { code, advice: needed, more: others, isAboutMethod };
    }
  }
  return matching.length === 0 ? undefined : { isAboutMethod };
}
