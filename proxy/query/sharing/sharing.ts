/**
 * Decides who shares the result of a statement, and how old the result may be. Panels of dashboards share results with
 * panels of the same user, or of all users if the data source allows it. Alert rules, public dashboards, Explore,
 * variables and annotations share nothing.
 */
import { cacheTimeoutSeconds, type PanelRequest } from '../../../contract/queries/panel-request';
import { digestOf } from '../../base/digest';
import { type CallIdentity, rightsOf } from '../../lakehouse/instances/call-identity';
import { type Instance, ownerOf } from '../../lakehouse/instances/instance';
import { type DataSourceSettings } from '../../lakehouse/instances/settings';
import { type SharedRequest } from '../../lakehouse/shared-results/shared-results';
import { type Caller, isPanelOrRule } from '../caller';
import { type SqlToSend } from '../authored-sql';
import { type DataQuery, type GrafanaUser, type RequestHeaders } from '../plugin-request';
import { type RowLimit } from '../result-limits';

/**
 * Maximum length of shared SQL, in UTF-16 units. The key of a shared result is computed before the query has a memory
 * account, so the SQL must be short.
 */
const MAX_SHARED_CHARACTERS = 64 * 1024;

/** The inputs that determine the result of a statement, except the caller. */
interface StatementToShare {
  toSend: SqlToSend;
  /** The range that is sent beside the SQL. */
  sentRange: DataQuery['timeRange'] | undefined;
  rowLimit: Pick<RowLimit, 'serverLimit'>;
  /** The fields of the panel's request. Undefined: the result is not shared. */
  panel?: PanelRequest | undefined;
}

/** How a statement is shared. */
export interface SharedStatementRequest extends SharedRequest {
  /** True if only requests of one user share the result. */
  isOfOneUser: boolean;
}

/** The request of a viewer. */
interface ViewerRequest {
  context: { user: GrafanaUser | undefined };
  headers: RequestHeaders;
}

/** The inputs of the decision: the settings, the sign-in and the viewer. */
export interface SharingRun {
  instance: Pick<Instance, 'identityFor'> & {
    settings: Pick<DataSourceSettings, 'auth' | 'sharing' | 'resultAgeMs'>;
  };
  request: ViewerRequest;
  caller: Caller;
  /** @property now Milliseconds since 1970. */
  deps: { now: () => number };
}

/**
 * The setting _Result age_, or the cache timeout of the panel if that is shorter: a browser chooses the cache timeout,
 * so it must not keep results longer than the admin allows.
 *
 * @returns Maximum age in milliseconds of a result that the panel gets from memory. 0: the panel gets no such result.
 */
export function maxAgeMs({ resultAgeMs }: Pick<DataSourceSettings, 'resultAgeMs'>, panel: PanelRequest): number {
  return Math.min(resultAgeMs, (cacheTimeoutSeconds(panel) ?? Infinity) * 1000);
}

/** True for a panel of a dashboard that a person or an anonymous visitor views. */
export function isShared({ request, caller }: Pick<SharingRun, 'request' | 'caller'>): boolean {
  const { entrypoint } = caller.origin;
  const isDashboard = entrypoint === 'dashboard' || entrypoint === 'anonymous';
  return isDashboard && isPanelOrRule(request.context.user, request.headers);
}

/**
 * How the statement of a query is shared.
 *
 * @returns Undefined if the statement is not shared.
 * @throws {ProxyError} `identity_missing`
 */
export function sharedRequest(
  { toSend, sentRange, rowLimit, panel }: StatementToShare,
  run: SharingRun
): SharedStatementRequest | undefined {
  const { instance, caller, deps } = run;
  if (panel === undefined || !isShared(run) || toSend.expanded.length > MAX_SHARED_CHARACTERS) {
    return undefined;
  }
  const identity = instance.identityFor(caller);
  if (hasExpired(identity, deps.now())) {
    return undefined;
  }
  const sharers = sharersOf(identity, instance.settings, caller);
  return (
    sharers && {
      key: hashOf([sharers, toSend.expanded.toString(), sentRange ?? null, rowLimit.serverLimit ?? null]),
      owner: ownerOf(caller),
      maxAgeMs: maxAgeMs(instance.settings, panel),
      isOfOneUser: sharers !== 'all',
      skips: panel.skipQueryCache === true,
    }
  );
}

/** True if the identity is a forwarded token that has expired. */
function hasExpired(identity: CallIdentity, nowMs: number): boolean {
  return identity.kind === 'forwarded' && (identity.description.expiryMs ?? Infinity) <= nowMs;
}

/**
 * A key that is equal for all users who share results with the caller. Undefined if the caller shares nothing.
 *
 * @throws {ProxyError} `identity_missing`
 */
export function sharersKey({ instance, caller }: Pick<SharingRun, 'instance' | 'caller'>): string | undefined {
  const sharers = sharersOf(instance.identityFor(caller), instance.settings, caller);
  return sharers && hashOf(sharers);
}

/**
 * A value that is equal for all users who share results. Each instance has its own results, so results are never shared
 * between organizations or versions of the settings.
 *
 * @returns Undefined if the caller shares nothing.
 */
function sharersOf(
  identity: CallIdentity,
  { auth, sharing }: Pick<DataSourceSettings, 'auth' | 'sharing'>,
  caller: Caller
): object | 'all' | undefined {
  const isPersonal = auth.kind === 'oauth2' && auth.forwarding !== undefined;
  if (sharing === 'all' && !isPersonal) {
    return 'all';
  }
  return caller.user && rightsOf(identity, caller);
}

function hashOf(values: unknown): string {
  return digestOf(JSON.stringify(values));
}
