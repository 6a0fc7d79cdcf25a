/**
 * Micromegas says no more than "invalid token" to any token that it refuses. This file says what can be seen from here:
 * the rule that the token breaks, or else the values that the server's configuration must name.
 */
import { ProxyError } from '../../errors/proxy-error';
import { callFailureOf } from '../../flight-sql/flight-errors';
import { serverConfigFor } from '../../oidc/token-problems';
import { bounded } from './bounded';
import { type StageContext } from './stage-context';
import {
  clockWarning,
  endedText,
  explanationOf,
  issuerText,
  problemOf,
  seenInWords,
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

/** What to compare, and what else it may be. Old keys are left out where the keys were looked at. */
function configAdvice({ token }: SeenToken, key: string | undefined): string | undefined {
  const config = serverConfigFor(token.description);
  const oldKeys = key === undefined ? ', or keys that the provider changed within the last hour' : '';
  return (
    config &&
    `MICROMEGAS_OIDC_CONFIG on the server must contain ${config}, to the character. ` +
      `If it does, the reason is in the server's log: perhaps a clock of the server that runs ahead${oldKeys}.`
  );
}

/** Whether the provider still lists the key of a service account's token; undefined where that cannot be told. */
async function keyText({ instance, wait, signal }: StageContext, seen: SeenToken): Promise<string | undefined> {
  if (seen.isOwn) {
    return undefined;
  }
  try {
    const limits = { limitMs: KEY_LIMIT_MS, wait, parent: signal };
    const finding = await bounded(limits, async (ending) => instance.tokenSource?.checkKey(seen.token, ending));
    return finding?.text;
  } catch {
    // The refusal itself is what matters.
    return undefined;
  }
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
    return new ProxyError(seen.isOwn ? code : 'token_unusable', { detail, advice: problem.advice, queryId, cause });
  }
  const ended = endedText(seen, nowMs);
  if (ended !== undefined) {
    return new ProxyError('token_expired', { detail: ended, queryId, cause });
  }
  const key = await keyText(context, seen);
  const parts = [serverWords(error), inWords, issuerText(seen), key, clockWarning(seen)];
  const detail = parts.filter((part) => part !== undefined && part !== '').join(' ');
  return new ProxyError(code, { detail, advice: configAdvice(seen, key), queryId, cause });
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
