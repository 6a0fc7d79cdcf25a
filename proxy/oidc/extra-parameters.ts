/** Parameters of the token request that the settings add to those of the grant. */
import { parameterNameProblem } from '../../contract/settings-problems';
import { ProxyError } from '../errors/proxy-error';
import { type Secret } from '../logging/secret';
import { type ClientCredentials } from './client-credentials';

/** Shorter values (`1`, `yes`) are no secrets, and removing them would garble every answer. */
const SHORTEST_SECRET = 4;

/**
 * Adds them to a form, in place of parameters of the same name.
 *
 * @throws {ProxyError} `settings_invalid` for a name that belongs to the grant or to the client's proof.
 */
export function addExtraParameters(form: URLSearchParams, extra: ClientCredentials['parameters']): void {
  for (const [name] of extra) {
    const problem = parameterNameProblem(name);
    if (problem !== undefined) {
      throw new ProxyError('settings_invalid', { detail: `Additional token parameters: ${problem}` });
    }
    form.delete(name);
  }
  for (const [name, value] of extra) {
    form.append(name, value.reveal());
  }
}

/** The values that must not be repeated from an answer. */
export function secretsAmong(extra: ClientCredentials['parameters']): Secret[] {
  return extra.map(([, value]) => value).filter((value) => value.reveal().length >= SHORTEST_SECRET);
}
