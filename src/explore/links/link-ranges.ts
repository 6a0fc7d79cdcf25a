/**
 * The time range of links to queries.
 *
 * Dashboards open such a link with its own range. Without a range, they open it with the last hour. Grafana's server
 * drops the range of a link of the backend, so the browser adds it. Explore ignores the range of the link, and opens
 * the link with its own range or that of the clicked span.
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
 * Adds the range of the request to all links without a range.
 *
 * @param range Its times become absolute.
 */
export function withLinkRanges(response: DataQueryResponse, { from, to }: TimeRange): DataQueryResponse {
  const range = { from, to, raw: { from: String(from.valueOf()), to: String(to.valueOf()) } };
  const data = response.data.map((frame: DataFrame) => ({
    ...frame,
    fields: frame.fields.map((field) => withFieldRange(field, range)),
  }));
  return { ...response, data };
}
