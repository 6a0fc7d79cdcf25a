/**
 * Removes links for viewers who may not open Explore. A link to Explore would lead these viewers to Grafana's home
 * page. On public dashboards, links to files of the backend are removed too, because only signed-in users can download
 * these files. The results of panels with expressions do not pass through the data source, so their links are not
 * removed.
 */
import { type DataFrame, type DataLink, type DataQueryResponse, type Field, MappingType } from '@grafana/data';
import { config, hasPermission } from '@grafana/runtime';

/** Matches the URLs in links of the backend that open Explore. */
const EXPLORE = /^\/?explore(?:[?#/]|$)/;

/** Matches the URLs in links of the backend that open one of its files, such as a Perfetto trace. */
const FILE = /^\/?api\/datasources\//;

/** True if the viewer may open Explore, by the same rule as in Grafana's menu. */
export function canExplore(): boolean {
  return config.exploreEnabled && hasPermission('datasources:explore');
}

/** True for a link to Explore. On public dashboards, also true for a link to a file. */
function isUnavailable({ internal, url }: DataLink): boolean {
  const isPublicDashboard = Boolean(config.publicDashboardAccessToken);
  return internal !== undefined || EXPLORE.test(url) || (isPublicDashboard && FILE.test(url));
}

/**
 * True if each cell shows only the name of the field. False for a field without rows, so that an empty result keeps its
 * columns.
 */
function showsOnlyItsName({ name, config, values }: Field): boolean {
  const names = [name, config.displayName];
  const labels = config.mappings?.find((mapping) => mapping.type === MappingType.ValueToText)?.options;
  const shown = (value: unknown): unknown => labels?.[String(value)]?.text ?? value;
  return values.length > 0 && values.every((value) => names.some((candidate) => candidate === shown(value)));
}

/**
 * The field without unavailable links. If no link is left and the cells show only the name of the field, the list is
 * empty. If the `displayName` of the field is the title of a removed link, the `displayName` is removed too.
 */
function withoutLinks(field: Field): Field[] {
  const { links = [], displayName } = field.config;
  const removed = links.filter(isUnavailable);
  if (removed.length === 0) {
    return [field];
  }
  const kept = links.filter((link) => !isUnavailable(link));
  if (kept.length === 0 && showsOnlyItsName(field)) {
    return [];
  }
  const isTitle = removed.some(({ title }) => title === displayName);
  return [{ ...field, config: { ...field.config, links: kept, ...(isTitle && { displayName: undefined }) } }];
}

/** The response without unavailable links, and without columns that consist of such links. Other links are kept. */
export function withoutUnavailableLinks(response: DataQueryResponse): DataQueryResponse {
  const data = response.data.map((frame: DataFrame) => ({ ...frame, fields: frame.fields.flatMap(withoutLinks) }));
  return { ...response, data };
}
