/**
 * What Save & Test reports in `jsonDetails`, one entry per stage that was tried, in order. A stage that was not reached
 * is not listed: nothing is called good that was not tried.
 */

export type HealthStageName = 'settings' | 'address' | 'tls' | 'discovery' | 'token' | 'server' | 'query' | 'tables';

export interface HealthStage {
  name: HealthStageName;
  /** For people, for example `Sign-in token`. */
  title: string;
  status: 'ok' | 'warning' | 'failed';
  /** What was tried, in a few words, for example `POST https://idp.example.com/token`. Never a secret. */
  tried?: string;
  /** One sentence: what was found, or what is wrong and what to do. Never a secret. */
  text: string;
  /** Milliseconds that the stage took. */
  tookMs: number;
}

/** One rule of Micromegas for access tokens, applied to the token that was received. */
export interface TokenRule {
  name: 'readable' | 'algorithm' | 'issuer' | 'subject' | 'audience' | 'expiry' | 'groups';
  status: 'ok' | 'broken';
  /** One sentence with the value found, for example `Signed with RS256.`, or what is wrong and what to change where. */
  text: string;
}

export interface TokenExplanation {
  rules: TokenRule[];
  /** The value of MICROMEGAS_OIDC_CONFIG that accepts the token, as JSON. Missing when none could. */
  serverConfig?: string;
}

/** Whom the server's audit trail names for a query. Missing fields are not recorded. */
export interface RecordedIdentity {
  user?: string;
  email?: string;
  name?: string;
  /** Name of the service account, where the server records one beside the user. */
  serviceAccount?: string;
  /** `x-client-type`. */
  client: string;
}

export interface WhoAmI {
  isAttributionOn: boolean;
  /** With the settings as they are. */
  recorded: RecordedIdentity;
  /** With attribution the other way round. */
  otherwise: RecordedIdentity;
  /** True when `recorded` was read back from the server's audit log; false when it follows from the server's rules. */
  isProven: boolean;
  /** Of the check, for the route `who-am-i`, which reads the record when it is there. For administrators only. */
  checkId?: string;
}

/** `jsonDetails` of a health check. Grafana shows `message` and `verboseMessage` under a failed one. */
export interface HealthDetails {
  message: string;
  /** Code of the failure, as in docs/errors.md. Missing when the check passed. */
  code?: string;
  /** All stages as lines of text. Empty for viewers, who are told the result only. */
  verboseMessage: string;
  /** Empty for viewers. */
  stages: HealthStage[];
  /** Of the access token, where there is one: the refused one, else the first of the two where users' own are forwarded. */
  token?: TokenExplanation;
  whoAmI?: WhoAmI;
}
