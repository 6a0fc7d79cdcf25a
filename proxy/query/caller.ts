/**
 * Finds out from the user and the headers of Grafana's request who sent the request, and from where. The server's audit
 * trail records the user and the origin: entry point, dashboard and panel. The user's OAuth tokens may be forwarded to
 * the server.
 *
 * Grafana sends requests for alert rules as the technical user `grafana_scheduler`, and requests for public dashboards
 * as `service`. For such requests, the calls to the server have no user headers and no forwarded token. The entry point
 * of these calls is `alerting` or `public-dashboard`.
 */
import { type CallOrigin, type CallUser } from '../lakehouse/flight-sql/flight-sql-client';
import { type ForwardedTokens } from '../lakehouse/instances/call-identity';
import { Secret } from '../observe/logging/secret';
import { type GrafanaUser, type RequestHeaders } from './plugin-request';

/** The caller of a request. `user` and `forwarded` are undefined if no person sent the request. */
export interface Caller {
  user?: CallUser;
  /** The person's role in Grafana. It only separates the copies of results of one role from those of another. */
  role?: string;
  /** The OAuth tokens of the person. Grafana sends these tokens if the data source forwards OAuth identities. */
  forwarded?: ForwardedTokens;
  origin: CallOrigin;
}

const SCHEDULER = 'grafana_scheduler';

function isPublicDashboard(user: GrafanaUser | undefined): boolean {
  return user?.login === 'service' && user.role === 'Admin' && user.email === '';
}

/** The person who sent a request; undefined for technical users and anonymous visitors. */
export function personOf(user: GrafanaUser | undefined): CallUser | undefined {
  if (user === undefined || user.login === '' || user.login === SCHEDULER || isPublicDashboard(user)) {
    return undefined;
  }
  return { login: user.login, name: user.name, email: user.email };
}

/** True for the evaluation of an alert rule, and for its preview in the editor. */
export function isAlerting(user: GrafanaUser | undefined, headers: RequestHeaders): boolean {
  return headers['fromalert'] === 'true' || user?.login === SCHEDULER;
}

/**
 * True if Grafana's expressions read the result, in an alert rule or a panel. Returns false for expressions in public
 * dashboards, and for previews of the schema of an SQL expression, because Grafana sends these requests without the
 * header `x-grafana-from-expr`.
 */
export function isForExpressions(user: GrafanaUser | undefined, headers: RequestHeaders): boolean {
  return isAlerting(user, headers) || headers['x-grafana-from-expr'] === 'true';
}

/** False for alert rules and public dashboards, which run the saved query without the ad hoc filters of a viewer. */
export function hasViewer(user: GrafanaUser | undefined, headers: RequestHeaders): boolean {
  return !isAlerting(user, headers) && !isPublicDashboard(user);
}

/** Headers of a panel. Explore sends none of them. A panel of an unsaved dashboard sends only the panel type. */
const PANEL_HEADERS = ['x-dashboard-uid', 'x-panel-id', 'x-panel-plugin-id'] as const;

/**
 * True for a panel of a dashboard, and for an alert rule. False for Explore, where the viewer chooses how the result is
 * shown.
 */
export function isPanelOrRule(user: GrafanaUser | undefined, headers: RequestHeaders): boolean {
  return isAlerting(user, headers) || PANEL_HEADERS.some((name) => headers[name] !== undefined);
}

/** True for the panel _Table_ of a dashboard, unless an expression reads the result. */
export function isTablePanel(user: GrafanaUser | undefined, headers: RequestHeaders): boolean {
  return headers['x-panel-plugin-id'] === 'table' && !isForExpressions(user, headers);
}

/** Panels that say what is missing in a frame without fields, such as a time field, instead of _No data_. */
const PANELS_THAT_NAME_MISSING_FIELDS: ReadonlySet<string> = new Set(['heatmap', 'state-timeline', 'status-history']);

/** True for a panel that shows the frame of a failed query as a statement about its data. */
export function misreadsFailedFrame(headers: RequestHeaders): boolean {
  return PANELS_THAT_NAME_MISSING_FIELDS.has(headers['x-panel-plugin-id'] ?? '');
}

function entrypointOf(user: GrafanaUser | undefined, headers: RequestHeaders, purpose: string | undefined): string {
  if (isAlerting(user, headers)) {
    return 'alerting';
  }
  if (isPublicDashboard(user)) {
    return 'public-dashboard';
  }
  if (user?.login === '') {
    return 'anonymous';
  }
  if (purpose !== undefined) {
    return purpose;
  }
  return isPanelOrRule(user, headers) ? 'dashboard' : 'explore';
}

/**
 * Maximum length of an accepted token, in characters. Valid tokens are shorter, because HTTP servers reject headers of
 * this size.
 */
const MAX_TOKEN_CHARACTERS = 64 * 1024;

/** Matches printable ASCII without spaces. RFC 6750, section 2.1, allows fewer characters. */
const TOKEN = /^[\x21-\x7e]+$/;

function secretToken(token: string | undefined): Secret | undefined {
  return token !== undefined && token.length <= MAX_TOKEN_CHARACTERS && TOKEN.test(token)
    ? new Secret(token)
    : undefined;
}

function forwardedTokens(headers: RequestHeaders): ForwardedTokens | undefined {
  const accessToken = secretToken(/^bearer +(\S+)\s*$/i.exec(headers['authorization'] ?? '')?.[1]);
  const idToken = secretToken(headers['x-id-token']?.trim());
  return accessToken === undefined && idToken === undefined ? undefined : { accessToken, idToken };
}

/**
 * The origin that the server's audit trail records for the calls of a request.
 *
 * @param purpose The purpose of a query that does not belong to a panel, such as `variable` or `annotation`.
 */
export function originOf(user: GrafanaUser | undefined, headers: RequestHeaders, purpose?: string): CallOrigin {
  const entrypoint = entrypointOf(user, headers, purpose);
  const rule = entrypoint === 'alerting' ? headers['x-rule-uid'] : undefined;
  return {
    entrypoint,
    dashboardUid: headers['x-dashboard-uid'] ?? (rule === undefined ? undefined : `alert-rule:${rule}`),
    panelId: headers['x-panel-id'],
  };
}

/** The user, the forwarded tokens and the origin of the calls for a request. @param purpose See `originOf`. */
export function callerOf(user: GrafanaUser | undefined, headers: RequestHeaders, purpose?: string): Caller {
  const origin = originOf(user, headers, purpose);
  const person = personOf(user);
  return {
    user: person,
    ...(person && { role: user?.role }),
    ...(person && origin.entrypoint !== 'alerting' && { forwarded: forwardedTokens(headers) }),
    origin,
  };
}
