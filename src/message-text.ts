/** Renders texts that travel as values: problems of settings, and the report of the connection check. */
import { t } from '@grafana/i18n';
import { fieldLabels } from '../contract/field-labels';
import { type Message, type MessageCode, render, type Text } from '../contract/messages/message';
import { type RecognisedProvider } from '../contract/providers';

/**
 * The template in Grafana's language, else in English. It is filled by `render`: values come from servers and providers, and
 * i18next would escape them for HTML, and replace placeholders in them.
 */
function translate(code: MessageCode, template: string): string {
  // For an empty text, i18next returns the key.
  return template === '' ? '' : t(`messages.${code}`, template, { skipInterpolation: true });
}

/**
 * The text of a message.
 *
 * @param provider Its form has the labels of fields that the text names.
 */
export function messageText(text: Text | Message, provider?: RecognisedProvider): string {
  return render(text, { labels: fieldLabels(provider), translate });
}
