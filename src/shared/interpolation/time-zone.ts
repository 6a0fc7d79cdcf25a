/** The time zone of a request, as the name of an IANA zone. The backend bins days in this zone. */
import { type ScopedVars } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';

/**
 * The IANA name of a zone.
 *
 * @param zone Grafana's setting: `browser`, `utc`, the name of a zone, or an empty string for the default.
 */
export function requestZone(zone: string | undefined): string {
  if (zone === undefined || zone === '' || zone === 'browser') {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
  return zone.toLowerCase() === 'utc' ? 'UTC' : zone;
}

const VARIABLE = '${__timezone}';

/**
 * The zone of the dashboard, from its variable. Undefined outside of dashboards, for example in Explore, where the
 * variable has no value.
 */
export function zoneOfScene(templates: Pick<TemplateSrv, 'replace'>, scoped: ScopedVars): string | undefined {
  const zone = templates.replace(VARIABLE, scoped);
  return zone === VARIABLE ? undefined : requestZone(zone);
}
