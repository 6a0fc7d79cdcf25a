/** A property of anything that was caught. */
export function property(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined;
}

/** Why a request failed: the proxy's sentence, else Grafana's words, else `fallback`. */
export function failureText(reason: unknown, fallback = 'There was no answer.'): string {
  const texts = [
    property(property(reason, 'data'), 'message'),
    property(reason, 'message'),
    property(reason, 'statusText'),
  ];
  return texts.find((text): text is string => typeof text === 'string' && text !== '') ?? fallback;
}
