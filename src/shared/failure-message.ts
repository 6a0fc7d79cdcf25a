/** Reads errors of unknown type, such as those of a failed request. */
import { t } from '@grafana/i18n';

/** A property of a value of unknown type. Undefined if the value is not an object. */
export function property(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined;
}

/**
 * Message of a failed request: the backend's message, or else Grafana's.
 *
 * @param fallback Message for an error without a message.
 */
export function failureMessage(reason: unknown, fallback = t('request.no-answer', 'There was no response.')): string {
  const candidates = [
    property(property(reason, 'data'), 'message'),
    property(reason, 'message'),
    property(reason, 'statusText'),
  ];
  return (
    candidates.find((candidate): candidate is string => typeof candidate === 'string' && candidate !== '') ?? fallback
  );
}
