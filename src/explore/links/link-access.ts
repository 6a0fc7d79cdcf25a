/**
 * Removes links to Explore for viewers who may not open Explore, because Grafana would show its home page instead. The
 * results of panels with expressions do not pass through the data source, so their links are not removed.
 */
import { type DataFrame, type DataLink, type DataQueryResponse, type Field } from '@grafana/data';
import { config, hasPermission } from '@grafana/runtime';

/** Matches the URLs in links of the backend that open Explore. */
const EXPLORE = /^\/?explore(?:[?#/]|$)/;

/** True if the viewer may open Explore, by the same rule as in Grafana's menu. */
export function canExplore(): boolean {
  return config.exploreEnabled && hasPermission('datasources:explore');
}

function opensExplore({ internal, url }: DataLink): boolean {
  return internal !== undefined || EXPLORE.test(url);
}

/** The field without links to Explore. Empty if it has no other links, and each cell has only the name of the field. */
function withoutLinks(field: Field): Field[] {
  const { links } = field.config;
  if (links?.some(opensExplore) !== true) {
    return [field];
  }
  const kept = links.filter((link) => !opensExplore(link));
  const isEmpty = kept.length === 0 && field.values.every((value) => value === field.name);
  return isEmpty ? [] : [{ ...field, config: { ...field.config, links: kept } }];
}

/** The response without links to Explore, and without columns that consist of such links. Other links are kept. */
export function withoutExploreLinks(response: DataQueryResponse): DataQueryResponse {
  const data = response.data.map((frame: DataFrame) => ({ ...frame, fields: frame.fields.flatMap(withoutLinks) }));
  return { ...response, data };
}
