import { type DataFrame, type TimeRange } from '@grafana/data';
import { LegendDisplayMode, SortOrder, TooltipDisplayMode } from '@grafana/schema';
import { PanelChrome, TimeSeries, TooltipPlugin } from '@grafana/ui';
import React from 'react';
import { useElementWidth } from './use-element-width';
import { useViewsData } from './use-views-data';

const HEIGHT = 340;
const LEGEND = { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] } as const;

/** Time series as lines, with legend and tooltip. */
export function GraphView({ frames, range }: { frames: DataFrame[]; range: TimeRange }) {
  const data = useViewsData(frames);
  const [ref, width] = useElementWidth();
  return (
    <div ref={ref}>
      <PanelChrome title="Graph" width={width} height={HEIGHT}>
        {(innerWidth, innerHeight) => (
          <TimeSeries
            frames={data}
            width={innerWidth}
            height={innerHeight}
            timeRange={range}
            timeZone="browser"
            legend={{ ...LEGEND, calcs: [] }}
          >
            {(config, alignedFrame) => (
              <TooltipPlugin
                config={config}
                data={alignedFrame}
                frames={data}
                mode={TooltipDisplayMode.Multi}
                sortOrder={SortOrder.Descending}
                timeZone="browser"
              />
            )}
          </TimeSeries>
        )}
      </PanelChrome>
    </div>
  );
}
