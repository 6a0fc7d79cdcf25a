/**
 * The value of a metric in a Prometheus text exposition of the plugin.
 *
 * @param labels The metric's own labels, such as `stage="queue"`. Default: none.
 * @returns Undefined if the metric is missing.
 */
export function metricValue(exposition: string, name: string, labels = ''): number | undefined {
  const own = labels === '' ? '' : `${labels},`;
  const [, value] = new RegExp(`^${name}\\{${own}backend="\\w+"\\} (\\S+)$`, 'm').exec(exposition) ?? [];
  return value === undefined ? undefined : Number(value);
}
