/** Whose token goes to the server, and how it was got. */
import { applicationOf } from '../../../contract/providers';
import { type ClientCredentials } from '../../oidc/client-credentials';
import { providerKind } from '../../oidc/provider-rules';
import { type AccessToken, type TokenSource } from '../../oidc/token-source';
import { type HealthSettings } from './health-instance';
import { type HealthReport } from './health-report';
import { type StageContext } from './stage-context';
import { explanationOf, seenInWords, type SeenToken, tokenWarnings } from './token-words';
import { type Trial } from './trials';

const UNVERIFIED =
  "The identity provider's certificate is not verified: whoever stands in between can take the credentials. Switch off Skip TLS verification for the identity provider, and enter the certificate authority instead.";
const NO_IDENTITY =
  'Grafana sent no OAuth token of yours, so your own identity could not be tried: the service account stands in for it.';

/** How the client proves itself, before it is known which of several ways it will be. */
const PROOFS: Readonly<Record<ClientCredentials['proof']['kind'], string>> = {
  secret: 'client secret',
  'secret-file': 'client secret from a file',
  'secret-jwt': 'assertion signed with the client secret',
  'private-key': 'assertion signed with the private key',
  'assertion-file': 'assertion from a file',
  'google-key': 'assertion signed with the key of the Google service account',
};

/** The server's configuration needs the name as the provider writes it: here a slash more or less does no harm. */
function slashWarning(issuer: string, found: string): string[] {
  // Any other difference ends discovery.
  const how = found.endsWith('/') ? 'with the slash at the end' : 'without the slash at the end';
  return issuer !== found
    ? [`The provider names its issuer "${found}", the settings say "${issuer}". Enter it ${how}, as the provider does.`]
    : [];
}

function wayText({ httpProxy, socks }: HealthSettings['providerRoute']): string {
  if (socks !== undefined) {
    return " through Grafana's secure SOCKS proxy";
  }
  return httpProxy === undefined ? '' : ` through ${httpProxy.url}`;
}

/** Of two tokens, the one of the user who asks is explained: it is tried first. */
function tellOnce(report: HealthReport, seen: SeenToken, nowMs: number): void {
  if (report.findings.token === undefined) {
    report.tell({ token: explanationOf(seen, nowMs) });
  }
}

/** The audience that the settings ask for, by its field or as the application of Entra ID's scope; empty for none. */
function wantedAudience(credentials: ClientCredentials): string {
  const { audience, scope } = credentials;
  return audience || (providerKind(credentials) === 'entra' ? applicationOf(scope) : '');
}

interface ServiceAccount {
  source: TokenSource;
  credentials: ClientCredentials;
}

/** Discovery and a token of the service account. */
async function serviceAccountStages(
  { report, instance, now, signal, isThorough }: StageContext,
  { source, credentials }: ServiceAccount,
  warnings: readonly string[]
): Promise<SeenToken> {
  const { providerRoute } = instance.settings;
  const { issuer } = credentials;
  const way = wayText(providerRoute);
  const discoveryUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const isUnverified = providerRoute.tls.skipVerify && issuer.startsWith('https:');
  const { tokenEndpoint, product } = await report.run(
    { name: 'discovery', title: 'Identity provider', tried: `GET ${discoveryUrl}${way}` },
    async () => {
      const found = await source.discover(signal);
      return {
        tried: `GET ${found.discoveryUrl}${way}`,
        text: `The token endpoint is ${found.tokenEndpoint}.`,
        warnings: [...(isUnverified ? [UNVERIFIED] : []), ...slashWarning(issuer, found.issuer)],
        value: found,
      };
    }
  );
  const tried = (proof: string) => `POST ${tokenEndpoint}${way}, ${proof}`;
  const expectedProof = PROOFS[credentials.proof.kind];
  return report.run({ name: 'token', title: 'Access token', tried: tried(expectedProof) }, async () => {
    const token = await (isThorough ? source.signIn(signal) : source.getToken(signal));
    const provider = product ?? credentials.provider;
    const seen = { token, issuer, audience: wantedAudience(credentials), provider, isOwn: false };
    tellOnce(report, seen, now());
    return {
      tried: tried(token.requestedWith ?? expectedProof),
      text: `Received: ${seenInWords(seen, now())}.`,
      warnings: [...warnings, ...tokenWarnings(seen, now())],
      value: seen,
    };
  });
}

/** The token that Grafana sent along. Nothing is fetched for it. */
function forwardedStage({ report, now }: StageContext, token: AccessToken): Promise<SeenToken> {
  const tried = 'token sent along by Grafana';
  return report.run({ name: 'token', title: 'Your OAuth identity', tried }, () => {
    const seen = { token, issuer: '', isOwn: true };
    tellOnce(report, seen, now());
    const text = `Sent along: ${seenInWords(seen, now())}.`;
    return Promise.resolve({ text, warnings: tokenWarnings(seen, now()), value: seen });
  });
}

/** The token of a trial, where it has one. @throws {ProxyError} of the provider. */
export async function tokenStages(context: StageContext, trial: Trial): Promise<SeenToken | undefined> {
  if (trial.kind === 'forwarded') {
    return forwardedStage(context, trial.token);
  }
  const { settings, tokenSource } = context.instance;
  const credentials = settings.auth.kind === 'oauth2' ? settings.auth.credentials : undefined;
  if (trial.kind !== 'service-account' || tokenSource === undefined || credentials === undefined) {
    return undefined;
  }
  const warnings = trial.lacksIdentity ? [NO_IDENTITY] : [];
  return serviceAccountStages(context, { source: tokenSource, credentials }, warnings);
}
