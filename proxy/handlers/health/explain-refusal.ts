/**
 * Micromegas answers "invalid token" to every token that it refuses. This file says what can be seen from here: the rule
 * that the token breaks, that it has ended, or else the possible causes in their order.
 */
import { withLimits } from '../../async/with-limits';
import { ProxyError } from '../../errors/proxy-error';
import { callFailureOf } from '../../flight-sql/flight-errors';
import { serverConfigFor } from '../../oidc/token-problems';
import { type KeyFinding } from '../../oidc/token-source';
import { causesInWords, refusalCauses } from './refusal-causes';
import { type StageContext } from './stage-context';
import {
  clockWarning,
  endedText,
  explanationOf,
  issuerText,
  problemOf,
  seenInWords,
  serverClockText,
  type SeenToken,
} from './token-words';

/** Of the test statement, which reads no data. */
const BUSY_ADVICE =
  'Check the load of the server: SELECT 1 reads no data. If the server is slow to start a query, raise Query timeout.';

const KEY_LIMIT_MS = 3000;

/** The server's own words, beneath what was made of them. */
function serverWords(error: ProxyError): string | undefined {
  const { detail } = error.cause instanceof ProxyError ? error.cause : error;
  return detail && `It said: ${detail}`;
}

/** Whether the provider still lists the key of a service account's token; undefined where that cannot be told. */
async function findKey({ instance, signal }: StageContext, seen: SeenToken): Promise<KeyFinding | undefined> {
  if (seen.isOwn) {
    return undefined;
  }
  try {
    return await withLimits({ limitMs: KEY_LIMIT_MS, signal }, (limited) =>
      instance.tokenSource?.checkKey(seen.token, limited)
    );
  } catch {
    // The refusal itself is what matters.
    return undefined;
  }
}

/** The causes that remain for a token that keeps all rules. */
function adviceFor(
  { instance }: StageContext,
  { token, audience }: SeenToken,
  found: { key: KeyFinding | undefined; isServerTimeRight: boolean }
): string | undefined {
  const { issuer, audience: audiences = [] } = token.description;
  const { server, providerRoute } = instance.settings;
  if (issuer === undefined) {
    return undefined;
  }
  const causes = refusalCauses({
    issuer,
    audiences,
    config: serverConfigFor(token.description, audience),
    key: found.key?.status,
    serverHost: server.host,
    hasOwnAuthority: providerRoute.tls.skipVerify || providerRoute.tls.ca !== undefined,
    isServerTimeRight: found.isServerTimeRight,
  });
  return causesInWords(causes);
}

/** The refusal of a token, explained. */
async function explainToken(context: StageContext, error: ProxyError, seen: SeenToken): Promise<ProxyError> {
  const { report, now } = context;
  const { code, queryId, cause } = error;
  const nowMs = now();
  const problem = problemOf(seen, nowMs);
  const inWords = `The token as seen here: ${seenInWords(seen, nowMs)}.`;
  report.tell({ token: explanationOf(seen, nowMs) });
  if (problem !== undefined) {
    const detail = seen.token.description.isJwt ? `${problem.text} ${inWords}` : problem.text;
    return new ProxyError(seen.isOwn ? code : problem.code, { detail, advice: problem.advice, queryId, cause });
  }
  const failure = callFailureOf(error);
  const serverTimeMs = failure?.kind === 'status' ? failure.serverTimeMs : undefined;
  const ended = endedText(seen, { nowMs, serverTimeMs });
  if (ended !== undefined) {
    return new ProxyError('token_expired', { detail: ended, queryId, cause });
  }
  const key = await findKey(context, seen);
  const parts = [
    serverWords(error),
    inWords,
    issuerText(seen),
    key?.text,
    clockWarning(seen),
    serverClockText(serverTimeMs, nowMs),
  ];
  const detail = parts.filter((part) => part !== undefined && part !== '').join(' ');
  const advice = adviceFor(context, seen, { key, isServerTimeRight: serverTimeMs !== undefined });
  return new ProxyError(code, { detail, advice, queryId, cause });
}

/**
 * A refusal of the server explained; other errors come back as they are.
 *
 * @param seen The token that was refused, where the call carried one.
 */
export async function explainRefusal(
  context: StageContext,
  error: ProxyError,
  seen: SeenToken | undefined
): Promise<ProxyError> {
  const { code, advice, queryId, cause } = error;
  switch (code) {
    case 'api_key_refused':
    case 'credentials_missing':
      if (callFailureOf(error)?.kind === 'http') {
        return error;
      }
      return new ProxyError(code, { detail: serverWords(error), advice, queryId, cause });
    case 'token_refused':
    case 'identity_refused':
      // What is no answer of gRPC is none of Micromegas either: its configuration is not the cause.
      return seen === undefined || callFailureOf(error)?.kind === 'http' ? error : explainToken(context, error, seen);
    case 'query_timeout':
      return new ProxyError(code, { detail: error.detail, advice: BUSY_ADVICE, queryId, cause });
    default:
      return error;
  }
}
