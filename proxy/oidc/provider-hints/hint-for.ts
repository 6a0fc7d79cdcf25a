/**
 * What to do about errors that identity providers report in ways of their own. The provider's words stay beside the
 * advice; they may change, so nothing but the class and the words of the failure depends on these tables.
 */
import { COMMON_HINTS } from './common';
import { AUTH0_HINTS } from './auth0';
import { ENTRA_HINTS } from './entra';
import { GOOGLE_HINTS } from './google';
import { type ProviderHint } from './hint';
import { KEYCLOAK_HINTS } from './keycloak';
import { OKTA_HINTS } from './okta';

/** A provider at a domain of the customer's own is known by its words only, so all tables are searched. */
const HINTS: readonly ProviderHint[] = [
  ...ENTRA_HINTS,
  ...OKTA_HINTS,
  ...KEYCLOAK_HINTS,
  ...GOOGLE_HINTS,
  ...AUTH0_HINTS,
  ...COMMON_HINTS,
];

/**
 * What is known of a provider's error; undefined where the catalogue's advice is as good.
 *
 * @param assertion Whose assertion was in the request, where there was one.
 */
export function hintFor(
  error: string | undefined,
  description: string | undefined,
  assertion?: 'own' | 'file'
): ProviderHint | undefined {
  const text = [error, description].filter((part) => part !== undefined).join(': ');
  return HINTS.find(({ pattern, isOfAssertion }) => (!isOfAssertion || assertion !== undefined) && pattern.test(text));
}
