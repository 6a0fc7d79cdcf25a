/**
 * Explains why the server rejected a sign-in. Micromegas returns "invalid token" for every token that it rejects. The
 * backend itself can check the expiry of the token and the server's rules for issuer and audience. If the backend finds
 * no problem, it lists possible causes (see rejection-causes.ts).
 */
import { message, type Message } from '../../../contract/messages/message';
import { shortResult, MAX_SENTENCES, type ShortResult } from '../../../contract/messages/sentences';
import { withLimits } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { callFailureOf } from '../../lakehouse/flight-sql/flight-errors';
import { providerProxy } from '../../lakehouse/instances/provider-proxy';
import { clockAhead, clockMessage } from '../../lakehouse/oidc/provider-clock';
import { duration, issuerDifference, serverEntryFor } from '../../lakehouse/oidc/token-rules';
import { type KeyFinding } from '../../lakehouse/oidc/token-source';
import { callWithoutSignIn } from './call-without-sign-in';
import { type StageContext } from './check-context';
import {
  authorization,
  discoveryUrlOf,
  type RejectionCause,
  rejectionCauses,
  type RejectionSigns,
} from './rejection-causes';
import { clockWarnings, explanationOf, readableParts, problemOf, type SeenToken } from './token-stages';

/** Time limit in milliseconds for reading the keys of the provider. */
const KEY_LIMIT_MS = 3000;

/** What was checked, and the most likely causes. The other causes and further advice are details. */
function causesInShort(
  causes: readonly RejectionCause[],
  found: readonly Message[],
  checks: readonly Message[]
): ShortResult {
  const numbered = causes.map(({ message: cause }, index) => message('numbered-cause', { number: index + 1, cause }));
  const checked = checks.length === 0 ? [] : [message('token-checked', { checks })];
  const advice = causes.flatMap((cause) => cause.advice ?? []);
  // One sentence is reserved for the summary of the failure.
  return causes.length === 0
    ? { shown: found, more: [] }
    : shortResult([...found, ...checked, ...numbered, ...advice], MAX_SENTENCES - 1);
}

/** The error message of the server. Empty if the server sent none. */
function serverMessages(error: ProxyError): Message[] {
  const { detail } = error.cause instanceof ProxyError ? error.cause : error;
  return detail === undefined ? [] : [message('server-said', { text: detail })];
}

/** The headers that name a proxy or gateway in front of the server. */
function senderIn(error: ProxyError): readonly string[] {
  const failure = callFailureOf(error);
  return failure?.kind === 'status' ? (failure.sender ?? []) : [];
}

/** A cause for the rejection of an API key, in addition to the key itself. Empty without a sign-in. */
function keyCauses(error: ProxyError): Message[] {
  return error.code === 'api_key_refused' ? [authorization({ sender: senderIn(error) }).message] : [];
}

/** Checks whether the provider publishes the key of a token. Undefined for a user's token, and after a failure. */
async function findKey({ instance, signal }: StageContext, seen: SeenToken): Promise<KeyFinding | undefined> {
  if (seen.isOwn) {
    return undefined;
  }
  try {
    return await withLimits({ limitMs: KEY_LIMIT_MS, signal }, (limited) =>
      instance.tokenSource?.checkKey(seen.token, limited)
    );
  } catch {
    // This failure is ignored, because the check reports the rejection of the token.
    return undefined;
  }
}

/** The possible causes for the rejection of a token in which the backend found no problem. */
function causesFor(
  { instance, environment }: StageContext,
  { token, audience }: SeenToken,
  observed: Pick<RejectionSigns, 'key' | 'isCurrentOnServer' | 'sender'>
): RejectionCause[] {
  const { issuer, audience: audiences = [], keyId } = token.description;
  const { server, providerRoute } = instance.settings;
  return issuer === undefined
    ? []
    : rejectionCauses({
        issuer,
        audiences,
        keyId,
        entry: serverEntryFor(token.description, audience),
        serverHost: server.host,
        hasOwnAuthority: providerRoute.tls.skipVerify || providerRoute.tls.ca !== undefined,
        usesProxy: providerRoute.socks !== undefined || providerProxy(providerRoute, issuer, environment) !== undefined,
        accepted: instance.acceptedTokens.like(token.description),
        ...observed,
      });
}

/** The time of the local clock, and the server's time from its response, in milliseconds since 1970. */
interface Clocks {
  nowMs: number;
  serverTimeMs: number | undefined;
}

/** A message about a difference between the server's clock and the local clock. Empty if they do not differ. */
function serverClock({ nowMs, serverTimeMs }: Clocks): Message[] {
  const aheadMs = clockAhead(serverTimeMs, nowMs);
  return aheadMs === 0 ? [] : [clockMessage('server', aheadMs)];
}

/**
 * Messages about a token that has expired according to the server's clock. If the server's time is unknown: messages
 * about a token that has expired according to the local clock, provided that the provider's clock is behind. Empty for
 * any other token.
 */
function expiryMessages({ token }: SeenToken, clocks: Clocks): Message[] {
  const { expiryMs } = token.description;
  const { providerClockAheadMs = 0 } = token;
  const { nowMs, serverTimeMs } = clocks;
  if (expiryMs === undefined) {
    return [];
  }
  const provider = providerClockAheadMs === 0 ? [] : [clockMessage('provider', providerClockAheadMs)];
  if (serverTimeMs !== undefined) {
    const expired = message('expired-by-server', { duration: duration(serverTimeMs - expiryMs) });
    return expiryMs <= serverTimeMs ? [expired, ...serverClock(clocks), ...provider] : [];
  }
  return providerClockAheadMs < 0 && expiryMs <= nowMs
    ? [message('expired-by-this-machine', { duration: duration(nowMs - expiryMs) }), ...provider]
    : [];
}

/** Returns an error that explains why the server rejected the token. */
async function explainToken(context: StageContext, error: ProxyError, seen: SeenToken): Promise<ProxyError> {
  const { report, now, instance } = context;
  const { code, queryId, cause } = error;
  const { labels } = instance.settings;
  const nowMs = now();
  const problem = problemOf(seen, nowMs);
  const parts = message('token-as-seen', { parts: readableParts(seen, nowMs) });
  report.add({ token: explanationOf(seen, nowMs) });
  if (problem !== undefined) {
    const { messages, advice, more } = problem;
    report.dropWarnings(messages);
    const details = seen.token.description.isJwt ? [...more, parts] : more;
    const failure = seen.isOwn ? code : problem.code;
    return new ProxyError(failure, { detail: messages, advice, more: details, labels, queryId, cause });
  }
  const failure = callFailureOf(error);
  const clocks = { nowMs, serverTimeMs: failure?.kind === 'status' ? failure.serverTimeMs : undefined };
  const clockMessages = clockWarnings(seen).flat();
  report.dropWarnings(clockMessages);
  const expired = expiryMessages(seen, clocks);
  if (expired.length > 0) {
    // Two sentences are reserved for the summary and the advice of the error catalogue.
    const { shown, more } = shortResult(expired, MAX_SENTENCES - 2);
    return new ProxyError('token_expired', { detail: shown, more: [...more, parts], labels, queryId, cause });
  }
  const key = await findKey(context, seen);
  const keyMessages = key === undefined ? [] : [key.message];
  const isKeyUnlisted = key?.status === 'unknown';
  const difference = issuerDifference(seen.token.description, seen.issuer)?.messages ?? [];
  const isCurrentOnServer = clocks.serverTimeMs !== undefined;
  const observed = { key: key?.status, isCurrentOnServer, sender: senderIn(error) };
  const causes = causesFor(context, seen, observed);
  const checks = [
    message('checked-rules'),
    message(isCurrentOnServer ? 'checked-expiry-server' : 'checked-expiry'),
    ...(key?.status === 'known' ? [message('checked-key')] : []),
  ];
  const { shown, more } = causesInShort(causes, isKeyUnlisted ? keyMessages : difference, isKeyUnlisted ? [] : checks);
  const details = [
    ...more,
    ...(isKeyUnlisted ? difference : keyMessages),
    ...clockMessages,
    ...serverClock(clocks),
    parts,
    ...serverMessages(error),
  ];
  // Without causes, the error keeps the advice of the error catalogue.
  const advice = causes.length === 0 ? undefined : shown;
  return new ProxyError(code, { advice, more: details, labels, queryId, cause });
}

/**
 * The advice for a statement without a response. A server that rejects a call without a token at once is not busy: it
 * waits while it checks the token.
 */
async function explainSilence(context: StageContext, seen: SeenToken | undefined): Promise<Message[]> {
  const { issuer } = seen?.token.description ?? {};
  if (issuer === undefined || !context.isThorough || (await callWithoutSignIn(context)) !== 'rejected') {
    return [message('server-is-busy')];
  }
  const url = discoveryUrlOf(issuer);
  return [message('server-waits-for-issuer', { url }), message('server-waits-advice', { url })];
}

/**
 * Explains a rejection by the server, and adds advice to a timeout. Returns other errors unchanged.
 *
 * @param seen The rejected token; undefined for a call without one.
 */
export async function explainRejection(
  context: StageContext,
  error: ProxyError,
  seen: SeenToken | undefined
): Promise<ProxyError> {
  const { code, advice, queryId, cause } = error;
  // If a response is not gRPC, a component between the backend and Micromegas sent it. In this case, the configuration
  // of Micromegas is not the cause.
  const isForeign = callFailureOf(error)?.kind === 'http';
  switch (code) {
    case 'api_key_refused':
    case 'credentials_missing':
      return isForeign
        ? error
        : new ProxyError(code, { detail: serverMessages(error), advice, more: keyCauses(error), queryId, cause });
    case 'token_refused':
    case 'identity_refused':
      return seen === undefined || isForeign ? error : explainToken(context, error, seen);
    case 'query_timeout':
    case 'server_silent':
      return new ProxyError(code, {
        detail: error.detail,
        advice: await explainSilence(context, seen),
        queryId,
        cause,
      });
    default:
      return error;
  }
}
