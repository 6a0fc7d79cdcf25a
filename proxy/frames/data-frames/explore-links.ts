/**
 * Links that Grafana opens in Explore.
 *
 * Grafana replaces variables such as `${__value.raw}` in all strings of a link's query, without escaping the values. So
 * the SQL of a link has no such variables. Such variables occur only in values of filters and in fields of requests,
 * which the backend checks or writes as literals.
 *
 * Explore hides a link with a `$name` that is not a variable of the row. The only macro that Explore accepts in a link
 * is `$__timeFilter`.
 */
import { CELL, LINES_PANEL, averagesQuery } from '../../../contract/queries/linked-queries';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { type FieldConfig } from './column-display';
import { type LinkTarget } from './frame-options';

export { CELL };

/** The value of another field of the row, in Grafana's syntax. */
export function fieldValue(name: string): string {
  return `\${__data.fields["${name}"]}`;
}

/** The number in another field of the row, in Grafana's syntax. It has no unit and no value mapping. */
export function fieldNumber(name: string): string {
  return `\${__data.fields["${name}"].numeric}`;
}

/** Display options of a field that only links use. Panels hide the field, but Explore's own table shows it. */
export const HIDDEN: FieldConfig = { custom: { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } } };

/** A link in the format of Grafana's frames. */
export type Link = Readonly<Record<string, unknown>>;

/** A query of a link. `linkedQuery` adds the fields that all of these queries share. */
export type LinkQuery = Omit<MicromegasQueryFields, 'version'>;

/** State of the panels of Explore: the span or the line to scroll to. */
export interface PanelsState {
  trace?: { spanId: string };
  logs?: { id: string };
}

/** A link to a query. Log lines are shown with their program and target. */
export function queryLink(title: string, target: LinkTarget, query: LinkQuery, panelsState?: PanelsState): Link {
  const shown = query.format === 'logs' ? { logs: { ...LINES_PANEL, ...panelsState?.logs } } : panelsState;
  return {
    title,
    url: '',
    internal: {
      datasourceUid: target.uid,
      datasourceName: target.name,
      query: linkedQuery(query),
      ...(shown !== undefined && { panelsState: shown }),
    },
  };
}

/** A link to a query with a range of its own, in milliseconds since 1970. The query has no variables of the row. */
export function rangeLink(
  title: string,
  { uid }: LinkTarget,
  query: LinkQuery,
  { fromMs, toMs }: LinkTarget['range']
): Link {
  const queries = [{ ...linkedQuery(query), datasource: { uid } }];
  const range = { from: String(Math.floor(fromMs)), to: String(Math.ceil(toMs)) };
  const panes = JSON.stringify({ micromegas: { datasource: uid, queries, range } });
  return { title, url: `/explore?schemaVersion=1&panes=${encodeURIComponent(panes)}`, targetBlank: true };
}

/** Adds the fields that all queries of links share. */
export function linkedQuery(query: LinkQuery): MicromegasQueryFields & { refId: string } {
  return { refId: 'A', ...query, version: 2 };
}

/** A filter on the value of the cell, or on the value of another field. */
export function equals(key: string, value = CELL): QueryFilter {
  return { key, operator: '=', value };
}

/** Maximum number of points of each metric. */
const POINTS = 300;

/**
 * The metrics of a process. The bins have a fixed length, because Explore hides a link with `$__dateBin`.
 *
 * @param id The id of the process. Default: the value of the cell.
 */
export function processMetrics({ range }: LinkTarget, id = CELL): LinkQuery {
  const seconds = Math.ceil((range.toMs - range.fromMs) / 1000 / POINTS);
  const length = seconds >= 1 ? seconds : 1;
  return averagesQuery([equals('process_id', id)], `date_bin(interval '${length} second', time)`);
}

/**
 * The state of Explore with a query, for a field that a link inserts into its URL: JSON without characters that have a
 * meaning in a URL, because Grafana inserts the value of the field without encoding them.
 *
 * @param pane Name of the pane.
 */
export function panesOf(pane: string, { uid }: LinkTarget, query: LinkQuery, range: LinkTarget['range']): string {
  const state = {
    datasource: uid,
    queries: [{ ...linkedQuery(query), datasource: { uid } }],
    range: { from: String(range.fromMs), to: String(range.toMs) },
  };
  return JSON.stringify({ [pane]: state }).replace(
    /[%&#+$]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}
