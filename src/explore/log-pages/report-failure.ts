import { AppEvents } from '@grafana/data';
import { t } from '@grafana/i18n';
import { getAppEvents } from '@grafana/runtime';

/** Shows the user why there are no more log lines. Grafana itself shows only that there are none. */
export function reportFailure(messages: readonly string[]): void {
  const title = t('log-pages.failed', 'More log lines could not be loaded');
  getAppEvents().publish({ type: AppEvents.alertWarning.name, payload: [title, messages.join(' ')] });
}
