/**
 * The time range of links to queries.
 *
 * Dashboards open a link with the range in the link, or with the last hour if the link has no range. Grafana's server
 * drops the range that the backend sets in a link, so the browser adds the range. Explore ignores the range in the
 * link, and uses its own range or the range of the clicked span.
 */
import { type DataFrame, type DataLink, type DataQueryResponse, type Field, type TimeRange } from '@grafana/data';

function withRange(link: DataLink, range: TimeRange): DataLink {
  const { internal } = link;
  return internal === undefined || internal.range !== undefined ? link : { ...link, internal: { ...internal, range } };
}

function withFieldRange(field: Field, range: TimeRange): Field {
  const { links } = field.config;
  return links === undefined || links.length === 0
    ? field
    : { ...field, config: { ...field.config, links: links.map((link) => withRange(link, range)) } };
}

/**
 * The response in which each link to a query has a time range. Links without a range get the range of the request.
 *
 * @param range Range of the request. Links get the absolute times of this range, even if it is relative.
 */
export function withLinkRanges(response: DataQueryResponse, { from, to }: TimeRange): DataQueryResponse {
  const range = { from, to, raw: { from: String(from.valueOf()), to: String(to.valueOf()) } };
  const data = response.data.map((frame: DataFrame) => ({
    ...frame,
    fields: frame.fields.map((field) => withFieldRange(field, range)),
  }));
  return { ...response, data };
}
