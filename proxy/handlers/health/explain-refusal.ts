/**
 * Explains why the server rejected a sign-in. Micromegas returns "invalid token" for every token that it rejects. The proxy
 * may find the rule that the token breaks, or that the token has expired. Otherwise the possible causes are listed, the most
 * likely cause first. Observations of the proxy move a cause to the front of the list, or remove it.
 *
 * Source: Micromegas `rust/auth/src/oidc.rs`. The server discovers the issuer on first use, compares every character of issuer
 * and audience, allows no leeway for `exp`, and caches the keys of a provider for an hour.
 */
import { isLoopback } from '../../../contract/host';
import { message, type Message } from '../../../contract/messages/message';
import { urlOf } from '../../../contract/providers';
import { withLimits } from '../../async/with-limits';
import { ProxyError } from '../../errors/proxy-error';
import { callFailureOf } from '../../flight-sql/flight-errors';
import { clockAhead, clockMessage } from '../../oidc/provider-clock';
import { duration, issuerDifference, serverConfigFor } from '../../oidc/token-rules';
import { type KeyFinding } from '../../oidc/token-source';
import { type StageContext } from './check-context';
import { clockWarnings, explanationOf, partsOf, problemOf, type SeenToken } from './token-stages';

/** Time limit in milliseconds for reading the keys of the provider. */
const KEY_LIMIT_MS = 3000;

/** What the proxy can observe about a rejected token that breaks no rule. */
export interface RefusalSigns {
  issuer: string;
  audiences: readonly string[];
  /** The value of MICROMEGAS_OIDC_CONFIG; undefined when several audiences may be meant. */
  config: string | undefined;
  key: KeyFinding['status'] | undefined;
  serverHost: string;
  /** The data source trusts the provider by a certificate authority from the settings, or does not verify it. */
  hasOwnAuthority: boolean;
  /** True if the response contains the server's time, and the token has not expired according to that time. */
  isServerTimeRight: boolean;
}

function configurationCause({ config, issuer, audiences }: RefusalSigns): Message {
  return config === undefined
    ? message('cause-configuration-several', { issuer, audiences })
    : message('cause-configuration', { config });
}

/** The server cannot reach the issuer, or does not trust its certificate. */
function accessCause({ issuer, hasOwnAuthority }: RefusalSigns, isLocal: boolean): Message {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  if (isLocal) {
    return message('cause-issuer-access-loopback', { url });
  }
  return message(hasOwnAuthority ? 'cause-issuer-access-authority' : 'cause-issuer-access', { url });
}

/** The possible causes, the most likely first. */
export function refusalCauses(signs: RefusalSigns): Message[] {
  const { issuer, key, serverHost, isServerTimeRight } = signs;
  // On the server's machine, a loopback address means that machine, so the server cannot reach an issuer with a loopback
  // address.
  const isLocal = isLoopback(urlOf(issuer)?.hostname ?? '') && !isLoopback(serverHost);
  const access = accessCause(signs, isLocal);
  const configuration = configurationCause(signs);
  return [
    ...(key === 'unknown' ? [message('cause-key-unlisted')] : []),
    ...(isLocal ? [access, configuration] : [configuration, access]),
    ...(isServerTimeRight ? [] : [message('cause-server-clock')]),
    ...(key === 'unknown' ? [] : [message('cause-old-keys')]),
  ];
}

function numbered(causes: readonly Message[]): Message[] {
  const items = causes.map((cause, index) => message('numbered-cause', { number: index + 1, cause }));
  return [message('causes-intro'), ...items];
}

/** The text of the server. */
function serverText(error: ProxyError): Message[] {
  const { detail } = error.cause instanceof ProxyError ? error.cause : error;
  return detail === undefined ? [] : [message('server-said', { text: detail })];
}

/** Whether the provider still publishes the key of a service account's token; undefined if that is unknown. */
async function findKey({ instance, signal }: StageContext, seen: SeenToken): Promise<KeyFinding | undefined> {
  if (seen.isOwn) {
    return undefined;
  }
  try {
    return await withLimits({ limitMs: KEY_LIMIT_MS, signal }, (limited) =>
      instance.tokenSource?.checkKey(seen.token, limited)
    );
  } catch {
    // This failure is ignored: the rejection of the token is what the check reports.
    return undefined;
  }
}

/** The possible causes for the rejection of a token that breaks no rule. */
function causesFor(
  { instance }: StageContext,
  { token, audience }: SeenToken,
  { key, isServerTimeRight }: { key: KeyFinding | undefined; isServerTimeRight: boolean }
): Message[] | undefined {
  const { issuer, audience: audiences = [] } = token.description;
  const { server, providerRoute } = instance.settings;
  return issuer === undefined
    ? undefined
    : numbered(
        refusalCauses({
          issuer,
          audiences,
          config: serverConfigFor(token.description, audience),
          key: key?.status,
          serverHost: server.host,
          hasOwnAuthority: providerRoute.tls.skipVerify || providerRoute.tls.ca !== undefined,
          isServerTimeRight,
        })
      );
}

/** The time of the local clock, and the server's time from its response, in milliseconds since 1970. */
interface Clocks {
  nowMs: number;
  serverTimeMs: number | undefined;
}

/** The difference between the server's clock and the local clock, if there is one. */
function serverClock({ nowMs, serverTimeMs }: Clocks): Message[] {
  const aheadMs = clockAhead(serverTimeMs, nowMs);
  return aheadMs === 0 ? [] : [clockMessage('server', aheadMs)];
}

/**
 * A text that the token has expired according to the server's clock, or according to the local clock if the provider's clock is
 * behind; empty if the token has not expired.
 */
function expiryText({ token }: SeenToken, clocks: Clocks): Message[] {
  const { expiryMs } = token.description;
  const { providerClockAheadMs = 0 } = token;
  const { nowMs, serverTimeMs } = clocks;
  if (expiryMs === undefined) {
    return [];
  }
  const provider = providerClockAheadMs === 0 ? [] : [clockMessage('provider', providerClockAheadMs)];
  if (serverTimeMs !== undefined) {
    const expired = message('expired-by-server', { duration: duration(serverTimeMs - expiryMs) });
    return expiryMs <= serverTimeMs ? [...provider, ...serverClock(clocks), expired] : [];
  }
  return providerClockAheadMs < 0 && expiryMs <= nowMs
    ? [...provider, message('expired-by-this-machine', { duration: duration(nowMs - expiryMs) })]
    : [];
}

/** Explains a rejected token. */
async function explainToken(context: StageContext, error: ProxyError, seen: SeenToken): Promise<ProxyError> {
  const { report, now, instance } = context;
  const { code, queryId, cause } = error;
  const { labels } = instance.settings;
  const nowMs = now();
  const problem = problemOf(seen, nowMs);
  const parts = message('token-as-seen', { parts: partsOf(seen, nowMs) });
  report.add({ token: explanationOf(seen, nowMs) });
  if (problem !== undefined) {
    const { text, advice } = problem;
    report.dropWarnings(text);
    const detail = seen.token.description.isJwt ? [...text, parts] : text;
    return new ProxyError(seen.isOwn ? code : problem.code, { detail, advice, labels, queryId, cause });
  }
  const failure = callFailureOf(error);
  const clocks = { nowMs, serverTimeMs: failure?.kind === 'status' ? failure.serverTimeMs : undefined };
  const clockText = clockWarnings(seen).flat();
  report.dropWarnings(clockText);
  const expired = expiryText(seen, clocks);
  if (expired.length > 0) {
    return new ProxyError('token_expired', { detail: expired, labels, queryId, cause });
  }
  const key = await findKey(context, seen);
  const difference = issuerDifference(seen.token.description, seen.issuer)?.text ?? [];
  const keyText = key === undefined ? [] : [key.text];
  const detail = [...serverText(error), parts, ...difference, ...keyText, ...clockText, ...serverClock(clocks)];
  const advice = causesFor(context, seen, { key, isServerTimeRight: clocks.serverTimeMs !== undefined });
  return new ProxyError(code, { detail, advice, labels, queryId, cause });
}

/**
 * Explains a rejection by the server; returns other errors unchanged.
 *
 * @param seen The rejected token; undefined for a call without one.
 */
export async function explainRefusal(
  context: StageContext,
  error: ProxyError,
  seen: SeenToken | undefined
): Promise<ProxyError> {
  const { code, advice, queryId, cause } = error;
  // If the response is not gRPC, something between the proxy and Micromegas sent it. Then the configuration of Micromegas is
  // not the cause.
  const isForeign = callFailureOf(error)?.kind === 'http';
  switch (code) {
    case 'api_key_refused':
    case 'credentials_missing':
      return isForeign ? error : new ProxyError(code, { detail: serverText(error), advice, queryId, cause });
    case 'token_refused':
    case 'identity_refused':
      return seen === undefined || isForeign ? error : explainToken(context, error, seen);
    case 'query_timeout':
      return new ProxyError(code, { detail: error.detail, advice: [message('server-is-busy')], queryId, cause });
    default:
      return error;
  }
}
