/** A property of anything that was caught. */
export function property(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined;
}

/** What went wrong with a request, in the words of the answer, else of Grafana. */
export function failureText(reason: unknown): string {
  const texts = [
    property(property(reason, 'data'), 'message'),
    property(reason, 'message'),
    property(reason, 'statusText'),
  ];
  return texts.find((text): text is string => typeof text === 'string' && text !== '') ?? 'There was no answer.';
}
