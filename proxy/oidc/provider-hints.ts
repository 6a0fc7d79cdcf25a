/**
 * What to do about errors that identity providers report in ways of their own. The provider's words stay beside the
 * advice; they may change, so nothing but the class and the words of the failure depends on these tables.
 */
import { COMMON_HINTS } from './common';
import { AUTH0_HINTS } from './auth0';
import { ENTRA_HINTS } from './entra';
import { GOOGLE_HINTS } from './google';
import { type ErrorCode } from '../../errors/catalogue';
import { type ProofInUse } from '../client-credentials';
import { type ProviderHint } from './hint';
import { HYDRA_HINTS } from './hydra';
import { KEYCLOAK_HINTS } from './keycloak';
import { OKTA_HINTS } from './okta';

/** A provider at a domain of the customer's own is known by its words only, so all tables are searched. */
const HINTS: readonly ProviderHint[] = [
  ...ENTRA_HINTS,
  ...OKTA_HINTS,
  ...KEYCLOAK_HINTS,
  ...HYDRA_HINTS,
  ...GOOGLE_HINTS,
  ...AUTH0_HINTS,
  ...COMMON_HINTS,
];

/** What is known of an error, for this client. */
export interface Hint {
  readonly code?: ErrorCode;
  readonly advice?: string;
}

/**
 * What is known of a provider's error; undefined where the catalogue's advice is as good.
 *
 * @param proof How the client proved who it is; undefined for a request without a proof, such as discovery.
 */
export function hintFor(
  error: string | undefined,
  description: string | undefined,
  proof: ProofInUse | undefined
): Hint | undefined {
  const text = [error, description].filter((part) => part !== undefined).join(': ');
  const found = HINTS.find(
    ({ pattern, proofs }) =>
      (proofs === undefined || (proof !== undefined && proofs.includes(proof.kind))) && pattern.test(text)
  );
  if (found === undefined) {
    return undefined;
  }
  const { code, advice } = found;
  return { code, advice: typeof advice === 'string' ? advice : proof && advice(proof) };
}
