/** Renders the messages of `contract/`, such as problems of settings and stages of the connection check. */
import { t } from '@grafana/i18n';
import { fieldLabels } from '../../contract/settings/field-labels';
import { type Message, type MessageCode, render, type Messages } from '../../contract/messages/message';
import { type RecognisedProvider } from '../../contract/settings/providers';

/**
 * The template in Grafana's language, or in English if there is no translation. `render` inserts the values. i18next
 * must not insert them, because it would escape them for HTML and replace placeholders in them. The values come from
 * servers and providers.
 */
function translate(code: MessageCode, template: string): string {
  // i18next returns the key for an empty string.
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
