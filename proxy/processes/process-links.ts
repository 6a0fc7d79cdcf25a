/** Links from processes and their images. */
import { linesQuery, whatChangedQuery } from '../../contract/linked-queries';
import { PERFETTO_SPANS, perfettoPath } from '../../contract/perfetto';
import { type ProcessView } from '../../contract/query-types/processes';
import { type ProfileView } from '../../contract/query-types/profile';
import {
  CELL,
  equals,
  fieldValue,
  type Link,
  type LinkQuery,
  processMetrics,
  queryLink,
} from '../data-frames/explore-links';
import { type LinkTarget } from '../data-frames/frame-options';

const profile = (view: ProfileView): LinkQuery => ({ queryType: 'profile', profile: { view, processId: CELL } });
const processes = (view: ProcessView): LinkQuery => ({
  queryType: 'processes',
  processes: { view, processId: CELL },
});

/** For a field with ids of processes. None if Grafana sent no data source. */
export function processLinks(target: LinkTarget | undefined): Link[] {
  if (target === undefined) {
    return [];
  }
  const [, , spans] = PERFETTO_SPANS;
  const perfetto = perfettoPath({ processId: '', ...target.range, spans });
  return [
    queryLink('Logs of the process', target, linesQuery([equals('process_id')])),
    queryLink('Metrics of the process', target, processMetrics(target)),
    queryLink('Traces of the process', target, { queryType: 'traces', traces: { view: 'search', processId: CELL } }),
    queryLink('Flame graph of the process', target, profile('flame-graph')),
    queryLink('Timeline of the process', target, profile('timeline')),
    queryLink('What changed', target, whatChangedQuery([CELL])),
    queryLink('Parents and children', target, processes('tree')),
    queryLink('Images of the process', target, processes('images')),
    fileLink('Download Perfetto trace', target, perfetto.replace('process=', `process=${CELL}`)),
  ];
}

/** For a field with the names of images, in a frame whose field `id` has their query strings. */
export function imageLink(target: LinkTarget): Link {
  return fileLink('Show the image', target, `image?${fieldValue('id')}`);
}

/** A new tab, because Grafana would open a path without one as a page of its own. */
function fileLink(title: string, target: LinkTarget, path: string): Link {
  return { title, url: `/api/datasources/uid/${encodeURIComponent(target.uid)}/resources/${path}`, targetBlank: true };
}
