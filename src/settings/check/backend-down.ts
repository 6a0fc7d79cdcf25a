/** Explains a check that did not reach the backend of the plugin. Loaded with the settings page. */
import { t } from '@grafana/i18n';
import { HealthStatus } from '@grafana/runtime';
import { property } from '../../shared/failure-message';

/** A check that did not reach the backend. Grafana shows `details.message` below `message`. */
export interface BackendDown {
  status: HealthStatus;
  message: string;
  details: { message: string };
}

/** Advice for an error of Grafana, by its `messageId` (`pkg/plugins/errors.go` of Grafana 12 and 13). */
function adviceFor(messageId: unknown): string | undefined {
  switch (messageId) {
    // The call failed: nothing listens at the address of the sidecar, or the process ended during the call.
    case 'plugin.healthCheck':
    case 'plugin.connectionUnavailable':
      return t(
        'config.check.backend-no-response',
        'If grafana.ini has backend_socket or backend_address in the section of this plugin, the sidecar does not run, or listens at another address. Start it, or correct the address and restart Grafana; then test again. Grafana\'s log has the address and the reason, in the line "the sidecar is down". Without a sidecar, the backend has just ended and Grafana starts it again: test again. If that fails as well, Grafana\'s log has the reason, in the lines before "plugin process exited".'
      );
    case 'plugin.unavailable':
      return t(
        'config.check.backend-restarts',
        'The backend ended, and Grafana starts it again, at most a second later. Test again. If that fails as well, Grafana\'s log has the reason, in the lines before "plugin process exited" or "Failed to restart plugin".'
      );
    case 'plugin.notRegistered':
      return t(
        'config.check.backend-not-started',
        'The backend could not start with Grafana. Grafana\'s log has the reason, in the lines before "Could not start plugin backend". Correct it, and restart Grafana: Grafana does not try again.'
      );
    default:
      return undefined;
  }
}

/**
 * What Save & test says in place of Grafana's message, which only says that the check failed.
 *
 * @param body The body of Grafana's response.
 * @returns Undefined for a response of the backend, and for other errors of Grafana, such as a missing permission.
 */
export function backendDown(body: unknown): BackendDown | undefined {
  const advice = adviceFor(property(body, 'messageId'));
  return advice === undefined
    ? undefined
    : {
        status: HealthStatus.Error,
        message: t('config.check.backend-down', 'The backend of the plugin does not respond (Grafana: {{grafana}})', {
          grafana: String(property(body, 'message')),
          interpolation: { escapeValue: false },
        }),
        details: { message: advice },
      };
}
