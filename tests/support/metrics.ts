/**
 * The value of a metric in a Prometheus text exposition of the plugin.
 *
 * @param labels The metric's own labels, such as `stage="queue"`. Default: none.
 * @returns Undefined if the metric is missing.
 */
export function metricValue(exposition: string, name: string, labels = ''): number | undefined {
  const backend = 'backend="\\w+"';
  const all = labels === '' ? backend : `(?:${labels},${backend}|${backend},${labels})`;
  const [, value] = new RegExp(`^${name}\\{${all}\\} (\\S+)$`, 'm').exec(exposition) ?? [];
  return value === undefined ? undefined : Number(value);
}
