/** Reads the secrets of a data source. */
import { type MicromegasSecrets, SECRET_NAMES } from '../../../contract/settings/settings';
import { Secret } from '../../observe/logging/secret';
import { repairPem } from '../oidc/pem';
import { type MisspelledName, misspelledNames } from './misspelled-names';
import { type SavedDataSource } from './saved-data-source';

/**
 * Reads decrypted secrets. `string` and `pem` return plain strings. A caller that keeps a string must wrap it in a
 * `Secret`.
 */
export class SecretFields {
  readonly #secrets: SavedDataSource['decryptedSecureJsonData'];

  constructor(secrets: SavedDataSource['decryptedSecureJsonData']) {
    this.#secrets = secrets;
  }

  /** The secret without white space around it; empty when nothing is stored. */
  string(name: keyof MicromegasSecrets): string {
    return this.#secrets[name]?.trim() ?? '';
  }

  has(name: keyof MicromegasSecrets): boolean {
    return this.string(name) !== '';
  }

  /** A password, not trimmed. Undefined when nothing is stored. */
  password(name: keyof MicromegasSecrets): Secret | undefined {
    const value = this.#secrets[name];
    return value === undefined || value === '' ? undefined : new Secret(value);
  }

  /** Stored names that resemble the name of a secret, but differ from it. */
  misspelled(): MisspelledName[] {
    return misspelledNames(this.#secrets, SECRET_NAMES);
  }

  /** A certificate or key with repaired line breaks. */
  pem(name: keyof MicromegasSecrets): string {
    return repairPem(this.string(name));
  }
}
