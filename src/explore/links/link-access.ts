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

function withoutLinks(field: Field): Field {
  const { links } = field.config;
  return links?.some(opensExplore) === true
    ? { ...field, config: { ...field.config, links: links.filter((link) => !opensExplore(link)) } }
    : field;
}

/** The response without links to Explore. Other links are kept. */
export function withoutExploreLinks(response: DataQueryResponse): DataQueryResponse {
  const data = response.data.map((frame: DataFrame) => ({ ...frame, fields: frame.fields.map(withoutLinks) }));
  return { ...response, data };
}
