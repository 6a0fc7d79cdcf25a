import { type DataQueryRequest, type DataSourceApi } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { Alert, PanelChrome } from '@grafana/ui';
import React from 'react';
import { TimeSeriesChart } from './TimeSeriesChart';
import { useElementWidth } from './use-element-width';
import { useLogVolume } from './use-log-volume';
import { useViewsData } from './use-views-data';

const HEIGHT = 190;

interface Props {
  source: DataSourceApi;
  /** The request of the logs. */
  request: DataQueryRequest<DataQuery>;
}

/** A chart above the log lines: the number of lines by time and level. Empty for a query without logs. */
export function LogVolumeView({ source, request }: Props) {
  const { frames, error } = useLogVolume(source, request);
  const data = useViewsData(frames);
  const [ref, width] = useElementWidth();
  const lines = frames.reduce((sum, { fields }) => sum + fields[1].values.reduce((part, count) => part + count, 0), 0);
  return (
    <div ref={ref}>
      {error === undefined ? null : (
        <Alert severity="warning" title="Failed to load log volume for this query" data-testid="log volume error">
          {error}
        </Alert>
      )}
      {frames.length === 0 ? null : (
        <div data-testid="log volume" data-lines={lines}>
          <PanelChrome title="Logs volume" width={width} height={HEIGHT}>
            {(innerWidth, innerHeight) => (
              <TimeSeriesChart frames={data} width={innerWidth} height={innerHeight} range={request.range} />
            )}
          </PanelChrome>
        </div>
      )}
    </div>
  );
}
