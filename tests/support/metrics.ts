/**
 * The value of a metric without labels of its own, in a Prometheus text exposition of the plugin.
 *
 * @returns Undefined if the metric is missing.
 */
export function metricValue(exposition: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name}\\{backend="\\w+"\\} (\\S+)$`, 'm').exec(exposition) ?? [];
  return value === undefined ? undefined : Number(value);
}
