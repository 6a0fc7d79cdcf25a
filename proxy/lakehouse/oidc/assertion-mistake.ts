/** Finds what is wrong with an assertion that a platform wrote into a file, because providers seldom say it. */
import { message, type Message } from '../../../contract/messages/message';
import { foreignLine } from '../../base/errors/foreign-string';
import { type Provider } from './discovery';
import { describeToken } from './read-token';

/** Microsoft Entra ID expects this audience in assertions of other platforms. */
const ENTRA_EXCHANGE = 'api://AzureADTokenExchange';

/**
 * Reads an assertion without verifying it. A provider may accept another audience, so the result is shown only after
 * the provider has rejected the assertion.
 *
 * @param nowMs Milliseconds since 1970.
 */
export function assertionMistake(
  assertion: string,
  { issuer, tokenEndpoint }: Pick<Provider, 'issuer' | 'tokenEndpoint'>,
  nowMs: number
): Message | undefined {
  const { isJwt, expiryMs, audience = [] } = describeToken(assertion);
  if (!isJwt) {
    return message('assertion-file-no-jwt');
  }
  if (expiryMs !== undefined && expiryMs < nowMs) {
    return message('assertion-file-expired', { time: new Date(Math.max(expiryMs, 0)).toISOString() });
  }
  const isUsual = audience.some((each) => [issuer, tokenEndpoint, ENTRA_EXCHANGE].includes(each));
  return isUsual ? undefined : message('assertion-file-audience', { audience: shown(audience), issuer });
}

function shown(audience: readonly string[]): string {
  return audience.length === 0 ? '?' : foreignLine(audience.slice(0, 3).join(', '));
}
