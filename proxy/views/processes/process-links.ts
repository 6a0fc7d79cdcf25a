/** Links from processes and their images. */
import { logLinesQuery, whatChangedQuery } from '../../../contract/queries/linked-queries';
import { PERFETTO_SPANS, perfettoPath } from '../../../contract/resources/perfetto';
import { type ProcessView } from '../../../contract/query-types/processes';
import { type ProfileView } from '../../../contract/query-types/profile';
import {
  CELL,
  equals,
  fieldValue,
  type Link,
  type LinkQuery,
  processMetrics,
  queryLink,
} from '../../frames/data-frames/explore-links';
import { type LinkTarget } from '../../frames/data-frames/frame-options';

const profile = (view: ProfileView, processId: string): LinkQuery => ({
  queryType: 'profile',
  profile: { view, processId },
});
const processes = (view: ProcessView, processId: string): LinkQuery => ({
  queryType: 'processes',
  processes: { view, processId },
});

/** A link from a process. */
export interface ProcessLink {
  /** The name of the link's target. A table shows this name as the title of a column. */
  column: string;
  link: Link;
}

/**
 * The links of a process. None if Grafana sent no data source.
 *
 * @param id The id of the process, or a variable of Grafana for the id. Default: the value of the cell.
 */
export function processLinks(target: LinkTarget | undefined, id = CELL): ProcessLink[] {
  if (target === undefined) {
    return [];
  }
  const [, , spans] = PERFETTO_SPANS;
  const perfetto = perfettoPath({ processId: '', ...target.range, spans });
  const entry = (column: string, title: string, query: LinkQuery): ProcessLink => {
    return { column, link: queryLink(title, target, query) };
  };
  return [
    entry('Logs', 'Logs of the process', logLinesQuery([equals('process_id', id)])),
    entry('Metrics', 'Metrics of the process', processMetrics(target, id)),
    entry('Traces', 'Traces of the process', { queryType: 'traces', traces: { view: 'search', processId: id } }),
    entry('Flame graph', 'Flame graph of the process', profile('flame-graph', id)),
    entry('Timeline', 'Timeline of the process', profile('timeline', id)),
    entry('Changes', 'What changed', whatChangedQuery({ processIds: [id] })),
    entry('Relatives', 'Parents and children', processes('tree', id)),
    entry('Images', 'Images of the process', processes('images', id)),
    {
      column: 'Perfetto',
      link: fileLink('Download Perfetto trace', target, perfetto.replace('process=', `process=${id}`)),
    },
  ];
}

/** The link for a field with image names. The field `id` of the same frame must contain the query strings. */
export function imageLink(target: LinkTarget): Link {
  return fileLink('Show the image', target, `image?${fieldValue('id')}`);
}

/** The link opens a new tab, because Grafana would treat the path as a page of Grafana. */
function fileLink(title: string, target: LinkTarget, path: string): Link {
  return { title, url: `/api/datasources/uid/${encodeURIComponent(target.uid)}/resources/${path}`, targetBlank: true };
}
