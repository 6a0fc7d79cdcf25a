import { AppEvents } from '@grafana/data';
import { t } from '@grafana/i18n';
import { getAppEvents } from '@grafana/runtime';

/** Shows why there are no more log lines. Grafana shows no failure of a page, only that it has no lines. */
export function reportFailure(messages: readonly string[]): void {
  const title = t('log-pages.failed', 'More log lines could not be loaded');
  getAppEvents().publish({ type: AppEvents.alertWarning.name, payload: [title, messages.join(' ')] });
}
