/** Finds the position of a query's error in the author's SQL. */
import { LoadingState, type PanelData } from '@grafana/data';
import { sqlOf } from '../../../contract/queries/query';
import { tokenizeSql } from '../../../contract/sql/sql-scan';
import { type MicromegasApi, type MicromegasQuery } from '../../shared/types';

/** A failure with its position in the author's SQL, in UTF-16 offsets. */
export interface RunFailure {
  start: number;
  end: number;
  message: string;
}

/** The offset of the error in the SQL that was sent. The backend puts the offset into the frame of the failed query. */
function offsetInFrame(data: PanelData, refId: string): number | undefined {
  for (const { refId: ofFrame, meta } of data.series) {
    const custom: { position?: { offset?: unknown } } | undefined = ofFrame === refId ? meta?.custom : undefined;
    if (typeof custom?.position?.offset === 'number') {
      return custom.position.offset;
    }
  }
  return undefined;
}

/**
 * The failure of the last run, with the position of the word that caused the failure.
 *
 * @param query The query in the editor. If its SQL has changed since the run, the result is undefined.
 * @returns Undefined if the last run of the query did not fail, or if the backend does not know the position.
 */
export function runFailure(
  data: PanelData | undefined,
  query: MicromegasQuery,
  datasource: Pick<MicromegasApi, 'interpolated'>
): RunFailure | undefined {
  const error = data?.errors?.find(({ refId }) => refId === query.refId);
  if (data === undefined || error === undefined || data.state === LoadingState.Loading) {
    return undefined;
  }
  const sql = sqlOf(query);
  const ran = data.request?.targets.find(({ refId }) => refId === query.refId);
  const offset = offsetInFrame(data, query.refId);
  if (offset === undefined || (ran !== undefined && sqlOf(ran as MicromegasQuery) !== sql)) {
    return undefined;
  }
  // The offset is a position in the SQL that was sent, which has values in place of variables.
  const start = datasource.interpolated(sql, data.request?.scopedVars ?? {}).sourceOffset(offset);
  // An error at the end of the SQL is marked at the last word.
  const tokens = tokenizeSql(sql);
  const token = tokens.find(({ end }) => end > start) ?? tokens.at(-1);
  return token && { start: token.start, end: token.end, message: error.message ?? error.data?.message ?? '' };
}
