/** Additional parameters of the token request, from the settings. */
import { atField } from '../../../contract/messages/message';
import { parameterNameProblem } from '../../../contract/problems/settings-problems';
import { ProxyError } from '../../base/errors/proxy-error';
import { isTooShortToRemove } from '../../observe/logging/redact';
import { type Secret } from '../../observe/logging/secret';
import { type ClientCredentials } from './client-credentials';

/** Minimum length of a secret. Shorter values (`1`, `yes`) are not secret, and also occur in ordinary strings. */
const SHORTEST_SECRET = 4;

/**
 * Adds the extra parameters to the body of a token request. They replace other fields of the same name,
 * such as `audience`.
 *
 * @throws {ProxyError} `settings_invalid` for an invalid name, and for a name that the grant or the client
 *   authentication uses.
 */
export function addExtraParameters(form: URLSearchParams, extra: ClientCredentials['parameters']): void {
  for (const [name] of extra) {
    const problem = parameterNameProblem(name);
    if (problem !== undefined) {
      throw new ProxyError('settings_invalid', { detail: [atField('oauthParameters', problem)] });
    }
    form.delete(name);
  }
  for (const [name, value] of extra) {
    form.append(name, value.reveal());
  }
}

/** Parameters whose values name an API or its permissions: RFC 6749, section 3.3; RFC 8707; RFC 8693, section 2.1. */
const PUBLIC_PARAMETERS = new Set(['resource', 'audience', 'scope', 'requested_token_type']);

/**
 * The values of the extra parameters that may be secret. They are removed from messages of the provider. A short value
 * that is stored unencrypted is no secret, so it does not hide the messages.
 */
export function secretsAmong(extra: ClientCredentials['parameters']): Secret[] {
  return extra
    .filter(([name, value, isPlain = false]) => {
      const isShort = value.reveal().length < SHORTEST_SECRET || (isPlain && isTooShortToRemove([value]));
      return !PUBLIC_PARAMETERS.has(name) && !isShort;
    })
    .map(([, value]) => value);
}
