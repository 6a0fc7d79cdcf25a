import { type DataFrame, type TimeRange } from '@grafana/data';
import { PanelChrome } from '@grafana/ui';
import React from 'react';
import { TimeSeriesChart } from './TimeSeriesChart';
import { useElementWidth } from './use-element-width';
import { useViewsData } from './use-views-data';

const HEIGHT = 300;

/** Time series in a panel of Explore. */
export function GraphView({ frames, range }: { frames: DataFrame[]; range: TimeRange }) {
  const data = useViewsData(frames, range);
  const [ref, width] = useElementWidth();
  return (
    <div ref={ref}>
      <PanelChrome title="Graph" width={width} height={HEIGHT}>
        {(innerWidth, innerHeight) => (
          <TimeSeriesChart frames={data} width={innerWidth} height={innerHeight} range={range} />
        )}
      </PanelChrome>
    </div>
  );
}
