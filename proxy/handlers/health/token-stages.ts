/** The stages of Save & test that get the access token, with warnings about broken rules and wrong clocks. */
import { type TokenExplanation } from '../../../contract/resources/health';
import { message, type Message } from '../../../contract/messages/message';
import { applicationOf } from '../../../contract/settings/providers';
import { providerProxy } from '../../lakehouse/instances/provider-proxy';
import { type ClientCredentials, settingsInUse, type SettingsInUse } from '../../lakehouse/oidc/client-credentials';
import { clockMessage } from '../../lakehouse/oidc/provider-clock';
import { providerKind, rulesFor } from '../../lakehouse/oidc/provider-rules';
import { type AdviceKey } from '../../lakehouse/oidc/token-advice';
import { duration, explainToken, tokenParts, tokenProblem, type TokenProblem } from '../../lakehouse/oidc/token-rules';
import {
  type AccessToken,
  type EarlierRequest,
  type SignIn,
  type TokenSource,
} from '../../lakehouse/oidc/token-source';
import { type SignInAttempt, type StageContext } from './check-context';
import { type HealthReport, type StageFinding, type Warning } from './health-report';

/** A token that is sent to the server. */
export interface SeenToken {
  readonly token: AccessToken;
  /** True for the token of the user who runs the check. False for the token of the service account. */
  readonly isOwn: boolean;
  /** The issuer in the settings. Empty for a user's token, because the settings do not apply to it. */
  readonly issuer: string;
  /** The audience in the settings, empty if there is none; undefined for a user's token. */
  readonly audience?: string;
  /** The settings of the token request; undefined for a user's token. */
  readonly settings?: SettingsInUse;
  /** The provider according to the discovery document, or to the settings form. */
  readonly provider?: AdviceKey | undefined;
}

function contextOf({ token, issuer, audience, settings, provider }: SeenToken, nowMs: number) {
  return { issuer, audience, settings, provider, nowMs, clockAheadMs: token.providerClockAheadMs ?? 0 };
}

/**
 * Explains the token by the rules of Micromegas, for the details of the result.
 * @param nowMs Milliseconds since 1970.
 */
export function explanationOf(seen: SeenToken, nowMs: number): TokenExplanation {
  return explainToken(seen.token.description, contextOf(seen, nowMs), !seen.isOwn);
}

/** The readable parts of the token. */
export function readableParts({ token, isOwn }: SeenToken, nowMs: number): Message[] {
  const { isJwt, expiryMs } = token.description;
  const parts = tokenParts(token, nowMs);
  // Only the claim `exp` contains the expiry of a user's token.
  const known = isOwn && expiryMs === undefined ? parts.filter(({ code }) => code !== 'part-time-left') : parts;
  return isJwt ? known : [message('part-unreadable'), ...known];
}

/** The rule that the token breaks, with advice for this kind of token. Undefined if the token breaks no rule. */
export function problemOf(seen: SeenToken, nowMs: number): TokenProblem | undefined {
  const { description } = seen.token;
  const problem = tokenProblem(description, contextOf(seen, nowMs));
  if (problem === undefined || !seen.isOwn) {
    return problem;
  }
  const hasExpired = description.expiryMs !== undefined && tokenProblem(description) === undefined;
  return { ...problem, advice: [message(hasExpired ? 'sign-in-again' : 'own-token-advice')], more: [] };
}

/** A warning if the clock of the provider differs from the local clock. */
export function clockWarnings({ token: { providerClockAheadMs = 0 } }: SeenToken): Warning[] {
  return providerClockAheadMs === 0 ? [] : [[clockMessage('provider', providerClockAheadMs), message('clock-advice')]];
}

/** Warnings about a token that the server may reject. */
function tokenWarnings(seen: SeenToken, nowMs: number): Warning[] {
  const problem = problemOf(seen, nowMs);
  const [first, ...more] = problem?.messages ?? [];
  const broken: Warning[] = first === undefined ? [] : [[first, ...more, ...(problem?.advice ?? [])]];
  return [...broken, ...clockWarnings(seen)];
}

/**
 * A warning if the issuers differ only by the slash at the end. If they differ in another way, discovery has already
 * failed.
 */
function slashWarnings(configured: string, found: string): Warning[] {
  const code = found.endsWith('/') ? 'issuer-lacks-slash' : 'issuer-has-slash';
  return configured === found ? [] : [[message(code, { found, configured })]];
}

/**
 * Explains the token, unless another token is already explained. If there are two tokens, the user's token comes first.
 */
function explainOnce(report: HealthReport, seen: SeenToken, nowMs: number): void {
  if (report.findings.token === undefined) {
    report.add({ token: explanationOf(seen, nowMs) });
  }
}

/**
 * The audience in the settings. If the field for the audience is empty and the provider is Entra ID, the application in
 * the scope. Empty if both are missing.
 */
function wantedAudience(credentials: ClientCredentials): string {
  const { audience, scope } = credentials;
  return audience || (providerKind(credentials) === 'entra' ? applicationOf(scope) : '');
}

interface ServiceAccount {
  source: TokenSource;
  credentials: ClientCredentials;
}

/**
 * Admins get a new sign-in, or an earlier one with its age. Other users get what queries get, so that frequent checks
 * cause no requests.
 */
async function signInOf({ isThorough, dataSource }: StageContext, { source }: ServiceAccount): Promise<SignIn> {
  return isThorough
    ? source.signIn(dataSource)
    : { provider: (signal) => source.discover(signal), token: (signal) => source.getToken(signal) };
}

/** Finds the token endpoint. */
function discoveryStage(context: StageContext, { credentials }: ServiceAccount, { earlier, provider }: SignIn) {
  const { report, instance, signal } = context;
  const { providerRoute } = instance.settings;
  const { issuer } = credentials;
  const isUnverified = providerRoute.tls.skipVerify && issuer.startsWith('https:');
  const tried = (url: string) =>
    earlier === undefined ? message('tried-get', { url, route: routeMessage(context, url) }) : message('tried-earlier');
  const heading = {
    name: 'discovery',
    title: message('stage-discovery'),
    tried: tried(rulesFor(credentials).discoveryUrl(issuer)),
  } as const;
  return report.run(heading, async () => {
    const found = await provider(signal);
    const unverified: Warning[] = isUnverified ? [[message('provider-certificate-unverified')]] : [];
    const { tokenEndpoint: url } = found;
    return {
      tried: tried(found.discoveryUrl),
      text: [
        earlier === undefined
          ? message('token-endpoint-found', { url })
          : message('token-endpoint-earlier', { url, ago: duration(earlier.agoMs) }),
      ],
      warnings: [...unverified, ...slashWarnings(issuer, found.issuer)],
      value: found,
    };
  });
}

/** The token of a new sign-in, or a warning that it is an older one. */
function receivedFinding(seen: SeenToken, earlier: EarlierRequest | undefined, nowMs: number): StageFinding {
  const parts = readableParts(seen, nowMs);
  if (earlier === undefined) {
    return { text: [message('token-received', { parts })] };
  }
  const ago = duration(nowMs - seen.token.receivedAtMs);
  const next = message('next-sign-in', { next: duration(earlier.nextMs) });
  return {
    text: [message('token-parts', { parts })],
    warnings: [[message(earlier.hasExpired ? 'token-of-queries' : 'token-earlier', { ago }), next]],
  };
}

/** Runs the stages of the service account: discovery and token request. */
async function serviceAccountStages(
  context: StageContext,
  account: ServiceAccount,
  warnings: readonly Warning[]
): Promise<SeenToken> {
  const { report, now, signal } = context;
  const { credentials } = account;
  const signIn = await signInOf(context, account);
  const { earlier } = signIn;
  const { tokenEndpoint: url, product } = await discoveryStage(context, account, signIn);
  const route = routeMessage(context, url);
  const tried = (authentication: Message) =>
    earlier === undefined ? message('tried-post', { url, route, authentication }) : message('tried-earlier');
  // Several methods of client authentication may be tried. Only the token shows which method the provider accepted.
  const expected = message(`expected-${credentials.authentication.kind}`);
  const heading = { name: 'token', title: message('stage-token'), tried: tried(expected) } as const;
  return report.run(heading, async () => {
    const token = await signIn.token(signal);
    const provider = product ?? credentials.provider;
    const { issuer } = credentials;
    const settings = settingsInUse(credentials);
    const seen = { token, issuer, audience: wantedAudience(credentials), settings, provider, isOwn: false };
    explainOnce(report, seen, now());
    const received = receivedFinding(seen, earlier, now());
    return {
      tried: tried(token.requestedWith ?? expected),
      text: received.text,
      warnings: [...(received.warnings ?? []), ...warnings, ...tokenWarnings(seen, now())],
      value: seen,
    };
  });
}

/** The token that Grafana sent with the request. */
function forwardedStage(
  { report, now }: StageContext,
  { token, isReplacement }: Extract<SignInAttempt, { kind: 'forwarded' }>
): Promise<SeenToken> {
  const heading = { name: 'token', title: message('stage-own-token'), tried: message('tried-forwarded') } as const;
  return report.run(heading, () => {
    const seen = { token, issuer: '', isOwn: true };
    explainOnce(report, seen, now());
    const replaces = isReplacement ? [message('id-token-replaces')] : [];
    const messages = [message('token-forwarded', { parts: readableParts(seen, now()) }), ...replaces];
    return Promise.resolve({ text: messages, warnings: tokenWarnings(seen, now()), value: seen });
  });
}

/**
 * Gets the token of an attempt; undefined for an attempt without a token.
 * @throws {ProxyError} If no token can be obtained.
 */
export async function tokenStages(context: StageContext, attempt: SignInAttempt): Promise<SeenToken | undefined> {
  if (attempt.kind === 'forwarded') {
    return forwardedStage(context, attempt);
  }
  const { settings, tokenSource } = context.instance;
  const credentials = settings.auth.kind === 'oauth2' ? settings.auth.credentials : undefined;
  if (attempt.kind !== 'service-account' || tokenSource === undefined || credentials === undefined) {
    return undefined;
  }
  const warnings: Warning[] = attempt.lacksIdentity ? [[message('no-identity')]] : [];
  return serviceAccountStages(context, { source: tokenSource, credentials }, warnings);
}

/**
 * A message about the SOCKS or HTTP proxy of a request to the identity provider, and about the setting that defines it.
 */
function routeMessage({ instance, environment }: Pick<StageContext, 'instance' | 'environment'>, url: string): Message {
  const { providerRoute } = instance.settings;
  if (providerRoute.socks !== undefined) {
    return message('route-socks');
  }
  const proxy = providerProxy(providerRoute, url, environment);
  if (proxy === undefined) {
    return message('route-direct');
  }
  return proxy.variable === undefined
    ? message('route-http-proxy', { url: proxy.url })
    : message('route-environment-proxy', { url: proxy.url, variable: proxy.variable });
}
