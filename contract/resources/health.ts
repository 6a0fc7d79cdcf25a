/**
 * The report of Save & test in `jsonDetails`: the stages that were tried, in order, an explanation of the access token,
 * and the identity that the server's audit log records.
 */
import { type Message } from '../messages/message';

export type HealthStageName =
  | 'settings'
  | 'address'
  | 'tls'
  | 'discovery'
  | 'token'
  | 'server'
  | 'query'
  | 'tables'
  | 'permissions'
  | 'audiences'
  | 'memory';

/**
 * One tried stage of the check. If identities are forwarded, the check may sign in twice: as the user, then as the
 * service account. If a stage fails, the check skips the remaining stages of this sign-in.
 */
export interface HealthStage {
  name: HealthStageName;
  title: Message;
  status: 'ok' | 'warning' | 'failed';
  /** For example `POST https://idp.example.com/token`. */
  tried?: Message;
  /** The finding. If the stage failed: the most likely cause, and the action to take. */
  text: readonly Message[];
  /** Less likely causes, the identity provider's error message and other details. Shown on request. */
  more?: readonly Message[];
  /** Milliseconds that the stage took. */
  tookMs: number;
}

/** One rule of Micromegas for access tokens, applied to the token that was received. */
export interface TokenRule {
  name: 'readable' | 'algorithm' | 'issuer' | 'subject' | 'audience' | 'expiry' | 'groups';
  status: 'ok' | 'broken';
  /** The value found, for example `Signed with RS256.`, or the problem and the setting to change. */
  text: readonly Message[];
}

/** Explains, rule by rule, why the server accepts or rejects the token of the data source. */
export interface TokenExplanation {
  rules: TokenRule[];
  /**
   * A value of MICROMEGAS_OIDC_CONFIG, as JSON, with which the server would accept the token. Missing if there is no
   * such value.
   */
  serverConfig?: string;
}

/** The user that the server's audit log records for a query. Missing fields are not recorded. */
export interface RecordedIdentity {
  user?: string;
  email?: string;
  name?: string;
  /** Name of the service account, if the server records one in addition to the user. */
  serviceAccount?: string;
  /** The header `x-client-type` of the query. */
  client: string;
}

/** The identity that the server's audit log records for queries of the user who runs the check. */
export interface WhoAmI {
  isAttributionOn: boolean;
  /** The identity that is recorded with the saved settings. */
  recorded: RecordedIdentity;
  /** The identity that would be recorded with the opposite value of `isAttributionOn`. */
  otherwise: RecordedIdentity;
  /** True if `recorded` was read from the server's audit log. False if it was derived from the server's rules. */
  isProven: boolean;
  /** Parameter of the route `who-am-i`, which reads the audit record. For admins only. */
  checkId?: string;
}

/** `jsonDetails` of a health check. If the check failed, Grafana shows `message` and `verboseMessage`. */
export interface HealthDetails {
  message: string;
  /** Code of the failure, as in docs/errors.md. Missing if the check passed. */
  code?: string;
  /** All stages, one per line. Empty for viewers, who see only the result. */
  verboseMessage: string;
  /** The summary as messages, which the settings page renders. Grafana shows the same summary as a string. */
  summary?: readonly Message[];
  /** Empty for viewers. */
  stages: HealthStage[];
  /**
   * Explains the rejected access token or, if the server rejected no token, the first token. If identities are
   * forwarded, there may be two tokens: one of the user and one of the service account.
   */
  token?: TokenExplanation;
  whoAmI?: WhoAmI;
}

/** Grafana's response to `/api/datasources/uid/<uid>/health`. After a failure, its HTTP status is 400. */
export interface HealthPayload {
  status: 'OK' | 'ERROR';
  message: string;
  details: HealthDetails;
}
