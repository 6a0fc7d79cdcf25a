/**
 * Explains why the server rejected a sign-in. Micromegas returns "invalid token" for every token that it rejects. The proxy
 * knows the rule that the token breaks, or that the token has expired. Otherwise it lists the possible causes, the most likely
 * first; what it can observe moves a cause to the front, or removes it.
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

/** Milliseconds. */
const KEY_LIMIT_MS = 3000;

/** What the proxy can observe of a rejected token that keeps all rules. */
export interface RefusalSigns {
  issuer: string;
  audiences: readonly string[];
  /** The value of MICROMEGAS_OIDC_CONFIG; undefined when several audiences may be meant. */
  config: string | undefined;
  key: KeyFinding['status'] | undefined;
  serverHost: string;
  /** The data source trusts the provider by a certificate authority from the settings, or does not verify it. */
  hasOwnAuthority: boolean;
  /** True if the response has the server's time, and the token has not expired by it. */
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
  // On the server's machine, loopback is another host: such an issuer cannot work there.
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

/** Whether the provider still publishes the key of a service account's token; undefined where that is unknown. */
async function findKey({ instance, signal }: StageContext, seen: SeenToken): Promise<KeyFinding | undefined> {
  if (seen.isOwn) {
    return undefined;
  }
  try {
    return await withLimits({ limitMs: KEY_LIMIT_MS, signal }, (limited) =>
      instance.tokenSource?.checkKey(seen.token, limited)
    );
  } catch {
    // The rejection itself is reported.
    return undefined;
  }
}

/** The possible causes for a token that keeps all rules. */
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

/** This machine's clock, and the server's from its response, in milliseconds since 1970. */
interface Clocks {
  nowMs: number;
  serverTimeMs: number | undefined;
}

/** The difference of the server's clock, if there is one. */
function serverClock({ nowMs, serverTimeMs }: Clocks): Message[] {
  const aheadMs = clockAhead(serverTimeMs, nowMs);
  return aheadMs === 0 ? [] : [clockMessage('server', aheadMs)];
}

/** That the token has expired by the server's clock, or by this machine's where the provider's is behind; empty if it has not. */
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
  // Something between the proxy and Micromegas wrote a response that is not gRPC: the configuration of Micromegas is not the cause.
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
