/** Requests of the settings page to the backend of the saved data source. */
import { type BackendSrvRequest } from '@grafana/runtime';

/**
 * Grafana caches the settings of data sources for 5 seconds, even if they are saved again within this time. With this
 * header, Grafana reads the saved settings and not its cache, as it does for Save & test.
 */
const NO_CACHE = { 'X-Grafana-NoCache': 'true' };

/**
 * A GET request to the backend of the saved data source. Grafana shows no alert for the response.
 *
 * @param path `health`, or `resources/` and the path of a resource.
 * @param params Query parameters.
 */
export function savedSourceRequest(uid: string, path: string, params?: Record<string, string>): BackendSrvRequest {
  return {
    url: `/api/datasources/uid/${encodeURIComponent(uid)}/${path}`,
    method: 'GET',
    headers: NO_CACHE,
    ...(params && { params }),
    showErrorAlert: false,
    showSuccessAlert: false,
  };
}
