/** The row with the button that downloads the spans of the process that a form shows. */
import { EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { type ProfileRequest } from '../../../../contract/query-types/profile';
import { isInstanceId } from '../../../../contract/resources/lookups';
import { PerfettoDownload } from '../../../explore/perfetto/PerfettoDownload';
import { windowRange } from '../profile-parts';
import { type RequestFormProps } from './request-form';

interface Props extends Pick<RequestFormProps<unknown>, 'datasource' | 'range'> {
  processId: string | undefined;
  /** Default: the time range. */
  window?: Pick<ProfileRequest, 'beginNs' | 'endNs'>;
}

/** Renders nothing if the request names no process, or has a variable in place of the id. */
export function TraceFile({ datasource, range, processId = '', window = {} }: Props) {
  const id = processId.trim();
  return range !== undefined && isInstanceId(id) ? (
    <EditorRow>
      <PerfettoDownload datasource={datasource} processId={id} {...windowRange(window, range)} />
    </EditorRow>
  ) : null;
}
