/** Combines the notices of all queries of a panel. */
import {
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type QueryResultMetaNotice,
} from '@grafana/data';
import { t } from '@grafana/i18n';
import { StringMap, StringSet } from '../../contract/string-map';

type Severity = QueryResultMetaNotice['severity'];

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error'];

/**
 * Writes all messages of a severity into the last notice of this severity, because the header of a panel shows only the
 * last notice. Only for panels of dashboards: elsewhere, Grafana shows the notices of each query.
 *
 * @param app `app` of the request.
 */
export function withPanelNotices(response: DataQueryResponse, app: DataQueryRequest['app']): DataQueryResponse {
  if (app !== CoreApp.Dashboard) {
    return response;
  }
  const frames: DataFrame[] = response.data;
  const replacements = new Map<QueryResultMetaNotice, QueryResultMetaNotice>();
  for (const severity of SEVERITIES) {
    const ofQueries = new StringMap<StringSet>();
    let last: QueryResultMetaNotice | undefined;
    for (const { refId = '', meta } of frames) {
      for (const notice of meta?.notices?.filter((candidate) => candidate.severity === severity) ?? []) {
        const texts = ofQueries.get(refId) ?? new StringSet();
        texts.add(notice.text);
        ofQueries.set(refId, texts);
        last = notice;
      }
    }
    const text = combinedText(ofQueries);
    if (last !== undefined && text !== last.text) {
      replacements.set(last, { ...last, text });
    }
  }
  return replacements.size === 0
    ? response
    : { ...response, data: frames.map((frame) => withReplaced(frame, replacements)) };
}

/** The texts, one per line. Leaves out a text that another text contains: a later frame often repeats earlier texts. */
function joined(texts: StringSet): string {
  const list = Array.from(texts);
  return list.filter((text) => !list.some((other) => other !== text && other.includes(text))).join('\n');
}

/** The distinct texts of all queries. If there are several texts, each text begins with the names of its queries. */
function combinedText(ofQueries: StringMap<StringSet>): string {
  const queries = new StringMap<string[]>();
  for (const [refId, texts] of ofQueries) {
    const text = joined(texts);
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
