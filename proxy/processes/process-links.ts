/**
 * Links from processes and their images. Grafana replaces `${__value.raw}` in all texts of a linked query, as it is. So the SQL of a link
 * is fixed, and the value goes to a filter or to a field that the proxy validates.
 *
 * Explore hides a link with a macro that it does not know, so the interval of the metrics is written as a number.
 */
import { PERFETTO_SPANS, perfettoPath } from '../../contract/perfetto';
import { type MicromegasQueryFields } from '../../contract/query';
import { type LinkTarget } from '../data-frames/frame-options';
import { type LakeReader } from '../lake-reader/lake-reader';

type Query = MicromegasQueryFields & { refId: string };
export type Link = Readonly<Record<string, unknown>>;

const CELL = '${__value.raw}';
const LOG_ROWS = 1000;
/** Points of a metric, at most. */
const POINTS = 300;

const LINES = `SELECT time, level, target, msg, exe, username, computer, process_id, stream_id, properties
FROM log_entries
WHERE $__timeFilter(time)
ORDER BY time DESC`;

function metricsSql({ range }: Pick<LakeReader, 'range'>): string {
  const seconds = Math.max(1, Math.ceil((range.toMs - range.fromMs) / 1000 / POINTS));
  return `SELECT date_bin(interval '${seconds} second', time) AS time, name, avg(value) AS value
FROM measures
WHERE $__timeFilter(time)
GROUP BY 1, 2
ORDER BY 1`;
}

function ofProcess(query: Partial<Query>): Query {
  return {
    refId: 'A',
    ...query,
    filters: [{ key: 'process_id', operator: '=', value: CELL }],
    timeFilter: true,
    autoLimit: false,
    rawEditor: true,
    version: 2,
  };
}

/** For a field with ids of processes. None if Grafana sent no data source. */
export function processLinks(lake: Pick<LakeReader, 'range' | 'linkTarget'>): Link[] {
  const { range, linkTarget: target } = lake;
  if (target === undefined) {
    return [];
  }
  const internal = (title: string, query: Query): Link => ({
    title,
    url: '',
    internal: { datasourceUid: target.uid, datasourceName: target.name, query },
  });
  const [, , spans] = PERFETTO_SPANS;
  const perfetto = perfettoPath({ processId: '', fromMs: range.fromMs, toMs: range.toMs, spans });
  return [
    internal('Logs of the process', ofProcess({ query: LINES, format: 'logs', rowLimit: LOG_ROWS })),
    internal('Metrics of the process', ofProcess({ query: metricsSql(lake), format: 'time_series' })),
    internal('Traces of the process', {
      refId: 'A',
      queryType: 'traces',
      traces: { view: 'search', processId: CELL },
    }),
    internal('Flame graph of the process', {
      refId: 'A',
      queryType: 'profile',
      profile: { view: 'flame-graph', processId: CELL },
    }),
    internal('Timeline of the process', {
      refId: 'A',
      queryType: 'profile',
      profile: { view: 'timeline', processId: CELL },
    }),
    internal('Parents and children', {
      refId: 'A',
      queryType: 'processes',
      processes: { view: 'tree', processId: CELL },
    }),
    internal('Images of the process', {
      refId: 'A',
      queryType: 'processes',
      processes: { view: 'images', processId: CELL },
    }),
    fileLink('Download Perfetto trace', target, perfetto.replace('process=', `process=${CELL}`)),
  ];
}

/** For a field with the names of images, in a frame whose field `id` has their query strings. */
export function imageLink(target: LinkTarget): Link {
  return fileLink('Show the image', target, 'image?${__data.fields["id"]}');
}

/** A new tab, because Grafana would open a path without one as a page of its own. */
function fileLink(title: string, target: LinkTarget, path: string): Link {
  return { title, url: `/api/datasources/uid/${encodeURIComponent(target.uid)}/resources/${path}`, targetBlank: true };
}
