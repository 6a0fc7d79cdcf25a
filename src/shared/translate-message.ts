/** Renders the messages of `contract/`, such as problems of settings and stages of the connection check. */
import { t } from '@grafana/i18n';
import { fieldLabels } from '../../contract/settings/field-labels';
import { type Message, type MessageCode, render, type Messages } from '../../contract/messages/message';
import { type RecognisedProvider } from '../../contract/settings/providers';

/**
 * The template in Grafana's language, or in English if there is no translation. `render` inserts the values, which come
 * from servers and providers. i18next must not do this, because it would escape the values for HTML and replace
 * placeholders in them.
 */
function translate(code: MessageCode, template: string): string {
  // For an empty template, i18next would return the key.
  return template === '' ? '' : t(`messages.${code}`, template, { skipInterpolation: true });
}

/**
 * The message in the language of Grafana.
 *
 * @param provider Fields in the message have the labels of this provider's settings form. Default: the form of
 *   "Other OIDC provider".
 */
export function translateMessage(messages: Messages | Message, provider?: RecognisedProvider): string {
  return render(messages, { labels: fieldLabels(provider), translate });
}
