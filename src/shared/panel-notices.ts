/** The notices of a panel, which has one response for all of its queries. */
import {
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type QueryResultMetaNotice,
} from '@grafana/data';
import { t } from '@grafana/i18n';
import { StringMap } from '../../contract/string-map';

type Severity = QueryResultMetaNotice['severity'];

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error'];

/**
 * The response, in which the last notice of each severity also has the notices of the other queries, because the header
 * of a panel shows only the last one. Only for panels of dashboards: elsewhere, Grafana shows the notices of each
 * query.
 *
 * @param app The value of the request.
 */
export function withPanelNotices(response: DataQueryResponse, app: DataQueryRequest['app']): DataQueryResponse {
  if (app !== CoreApp.Dashboard) {
    return response;
  }
  const frames: DataFrame[] = response.data;
  const replacements = new Map<QueryResultMetaNotice, QueryResultMetaNotice>();
  for (const severity of SEVERITIES) {
    // The last notice of a query contains those of its earlier frames.
    const ofQueries = new StringMap<QueryResultMetaNotice>();
    let last: QueryResultMetaNotice | undefined;
    for (const { refId = '', meta } of frames) {
      for (const notice of meta?.notices?.filter((candidate) => candidate.severity === severity) ?? []) {
        ofQueries.set(refId, notice);
        last = notice;
      }
    }
    if (last !== undefined && ofQueries.size > 1) {
      replacements.set(last, { ...last, text: combinedText(ofQueries) });
    }
  }
  return replacements.size === 0
    ? response
    : { ...response, data: frames.map((frame) => withReplaced(frame, replacements)) };
}

/** The messages, each once, with the names of its queries if there are several messages. */
function combinedText(ofQueries: StringMap<QueryResultMetaNotice>): string {
  const queries = new StringMap<string[]>();
  for (const [refId, { text }] of ofQueries) {
    queries.set(text, [...(queries.get(text) ?? []), refId]);
  }
  const entries = Array.from(queries);
  return entries.length === 1
    ? entries[0][0]
    : entries
        .map(([text, refIds]) =>
          t('panel-notices.of-query', 'Query {{names}}: {{text}}', {
            names: refIds.join(', '),
            text,
            interpolation: { escapeValue: false },
          })
        )
        .join('\n');
}

function withReplaced(
  frame: DataFrame,
  replacements: ReadonlyMap<QueryResultMetaNotice, QueryResultMetaNotice>
): DataFrame {
  const notices = frame.meta?.notices;
  return notices?.some((notice) => replacements.has(notice)) !== true
    ? frame
    : { ...frame, meta: { ...frame.meta, notices: notices.map((notice) => replacements.get(notice) ?? notice) } };
}
