/**
 * Finds misspelled names of settings, and synonyms such as `apiKey` for `token`. Grafana and its extensions save
 * settings of their own, so only names that resemble a setting of this plugin are reported.
 */
import { savedString } from '../../../contract/settings/saved-values';
import { SECRET_NAMES } from '../../../contract/settings/settings';
import { isWithin } from '../../base/edit-distance';

export interface MisspelledName {
  /** The saved name. */
  readonly name: string;
  /** The setting or secret that was probably meant. */
  readonly meant: string;
}

/** Maximum number of names that are compared. */
const MAX_NAMES = 200;
/** Names with more characters than this are not compared. */
const MAX_LENGTH = 100;
/** Maximum number of names that are reported. */
const MAX_REPORTED = 5;
/** In names of settings with fewer characters, no character may be wrong. Only case, `-` and `_` are ignored. */
const MIN_LENGTH = 5;
/**
 * In names of settings with at least this many characters, two characters may be wrong. In shorter names, one character
 * may be wrong.
 */
const LONG = 12;

/** Prefix of the settings of the identity provider. It is often left out. */
const PREFIX = 'oauth';
/** Other words for settings and secrets, without case, `-` and `_`. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['tls', 'secure'],
  ['ssl', 'secure'],
  ['usetls', 'secure'],
  ['apikey', 'token'],
  ['apitoken', 'token'],
  ['accesstoken', 'token'],
  ['authtoken', 'token'],
  ['bearertoken', 'token'],
  ['secret', 'oauthClientSecret'],
  ['scopes', 'oauthScope'],
]);

/** The plugin never reads the secret `password`, which only old data sources have. */
const READ_SECRETS = SECRET_NAMES.filter((name) => name !== 'password');

const normalized = (name: string) => name.toLowerCase().replace(/[-_]/g, '');

function isAlmost(name: string, known: string): boolean {
  const [plain, plainKnown] = [normalized(name), normalized(known)];
  if (plain === plainKnown || PREFIX + plain === plainKnown || SYNONYMS.get(plain) === known) {
    return true;
  }
  return isMistyped(name, known);
}

/** True if the names differ by at most two characters, or by fewer if `known` is short. */
function isMistyped(name: string, known: string): boolean {
  const allowed = known.length >= LONG ? 2 : known.length >= MIN_LENGTH ? 1 : 0;
  return isWithin(name, known, allowed);
}

/** True for a mistyped name that lacks the prefix, such as `clientSecrets`. */
function isMistypedWithoutPrefix(name: string, known: string): boolean {
  return known.startsWith(PREFIX) && isMistyped(normalized(name), normalized(known.slice(PREFIX.length)));
}

/**
 * The saved names that are equal or similar to a known name, except those in `ignored`. Compares at most 200 saved
 * names.
 */
function similarNames(saved: object, ignored: readonly string[], known: readonly string[]): MisspelledName[] {
  return Object.keys(saved)
    .slice(0, MAX_NAMES)
    .filter((name) => name.length <= MAX_LENGTH && !ignored.includes(name))
    .flatMap((name) => {
      const meant =
        known.find((other) => isAlmost(name, other)) ?? known.find((other) => isMistypedWithoutPrefix(name, other));
      return meant === undefined ? [] : [{ name, meant }];
    });
}

/** @param known Names of the settings or secrets of this plugin. @returns At most 5 names. */
export function misspelledNames(saved: object, known: readonly string[]): MisspelledName[] {
  return similarNames(saved, known, known).slice(0, MAX_REPORTED);
}

/** Names in `jsonData` that are not names of settings, at most 5 of each kind. */
export interface UnknownNames {
  readonly misspelled: readonly MisspelledName[];
  /** Secrets that have a value in `jsonData`, where they are not read. Their names may be misspelled. */
  readonly readableSecrets: readonly MisspelledName[];
}

/**
 * Finds misspelled settings and readable secrets. A name that resembles both a setting and a secret counts as the
 * secret. No name counts as a misspelling of the setting `token`, in which very old versions saved the API key as plain
 * text.
 *
 * @param saved `jsonData`.
 * @param settings Names of the settings of this plugin.
 */
export function unknownNames(saved: object, settings: readonly string[]): UnknownNames {
  const secrets = similarNames(saved, settings, READ_SECRETS);
  const ignored = [...settings, ...secrets.map(({ name }) => name)];
  const writtenSettings = settings.filter((name) => !SECRET_NAMES.includes(name));
  return {
    misspelled: similarNames(saved, ignored, writtenSettings).slice(0, MAX_REPORTED),
    readableSecrets: secrets.filter(({ name }) => savedString(Reflect.get(saved, name)) !== '').slice(0, MAX_REPORTED),
  };
}
