/**
 * Who asks and from where, as far as the server's audit trail is told.
 *
 * Grafana invents users for its own work: alert rules run as `grafana_scheduler`, public dashboards as `service`. They
 * are not people, so no user is named for them; the entry point says what it was.
 */
import { type CallOrigin, type CallUser } from '../flight-sql/flight-sql-client';
import { type GrafanaUser, type RequestHeaders } from './plugin-request';

export interface Caller {
  user?: CallUser;
  origin: CallOrigin;
}

const SCHEDULER = 'grafana_scheduler';

function isPublicDashboard(user: GrafanaUser | undefined): boolean {
  return user?.login === 'service' && user.role === 'Admin' && user.email === '';
}

/** The person behind a request, or undefined for background work and anonymous visitors. */
export function personOf(user: GrafanaUser | undefined): CallUser | undefined {
  if (user === undefined || user.login === '' || user.login === SCHEDULER || isPublicDashboard(user)) {
    return undefined;
  }
  return { login: user.login, name: user.name, email: user.email };
}

function entrypointOf(user: GrafanaUser | undefined, headers: RequestHeaders, purpose: string | undefined): string {
  if (headers['fromalert'] === 'true' || user?.login === SCHEDULER) {
    return 'alerting';
  }
  if (isPublicDashboard(user)) {
    return 'public-dashboard';
  }
  if (purpose !== undefined) {
    return purpose;
  }
  return headers['x-dashboard-uid'] === undefined ? 'explore' : 'dashboard';
}

/**
 * @param purpose What the query is for when it is no panel's, such as `variable` or `annotation`.
 */
export function callerOf(user: GrafanaUser | undefined, headers: RequestHeaders, purpose?: string): Caller {
  const entrypoint = entrypointOf(user, headers, purpose);
  const rule = entrypoint === 'alerting' ? headers['x-rule-uid'] : undefined;
  return {
    user: personOf(user),
    origin: {
      entrypoint,
      dashboardUid: headers['x-dashboard-uid'] ?? (rule === undefined ? undefined : `alert-rule:${rule}`),
      panelId: headers['x-panel-id'],
    },
  };
}
