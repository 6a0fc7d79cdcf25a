/**
 * Micromegas says no more than "invalid token" to any token that it refuses. This file says what can be seen from here:
 * the rule that the token breaks, or else the values that the server's configuration must name.
 */
import { ProxyError } from '../../errors/proxy-error';
import { serverConfigFor, tokenInWords, tokenProblem } from '../../oidc/token-problems';
import { type AccessToken } from '../../oidc/token-source';

const OTHER_CAUSES =
  "If it does, the reason is in the server's log: a clock that runs ahead, or keys that the provider changed within the last hour.";

/** A refusal of the server with the token explained; other errors come back as they are. */
export function explainRefusal(error: ProxyError, token: AccessToken | undefined, nowMs: number): ProxyError {
  if (error.code !== 'token_refused' || token === undefined) {
    return error;
  }
  const problem = tokenProblem(token.description);
  const config = serverConfigFor(token.description);
  const parts = [
    error.detail && `It said: ${error.detail}`,
    problem?.text,
    `The token as seen here: ${tokenInWords(token, nowMs)}.`,
  ];
  return new ProxyError('token_refused', {
    detail: parts.filter((part) => part !== undefined && part !== '').join(' '),
    advice:
      problem?.advice ??
      (config && `MICROMEGAS_OIDC_CONFIG on the server must contain ${config}, to the character. ${OTHER_CAUSES}`),
    queryId: error.queryId,
    cause: error.cause,
  });
}
