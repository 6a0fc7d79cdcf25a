import { type DataFrame, type TimeRange } from '@grafana/data';
import { LegendDisplayMode, SortOrder, TooltipDisplayMode } from '@grafana/schema';
import { TimeSeries, TooltipPlugin, type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import React, { useLayoutEffect, useRef } from 'react';
import { type ChosenPoint, PointListener } from './PointListener';

const LEGEND = { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] } as const;

/** A mark on the time axis. */
export interface TimeMark {
  timeMs: number;
  color: string;
}

interface Props {
  /** With display values and styles. */
  frames: DataFrame[];
  width: number;
  height: number;
  range: TimeRange;
  marks?: readonly TimeMark[];
  /** Called with the point that the user clicks. */
  onPoint?: (point: ChosenPoint) => void;
}

/** A chart of time series with legend and tooltip, and with vertical lines at the marks. */
export function TimeSeriesChart({ frames, width, height, range, marks = [], onPoint }: Props) {
  return (
    <TimeSeries
      frames={frames}
      width={width}
      height={height}
      timeRange={range}
      timeZone="browser"
      legend={{ ...LEGEND, calcs: [] }}
    >
      {(config, alignedFrame) => (
        <>
          <TooltipPlugin
            config={config}
            data={alignedFrame}
            frames={frames}
            mode={TooltipDisplayMode.Multi}
            sortOrder={SortOrder.Descending}
            timeZone="browser"
          />
          <Marks config={config} marks={marks} />
          {onPoint ? (
            <PointListener config={config} alignedFrame={alignedFrame} frames={frames} onPoint={onPoint} />
          ) : null}
        </>
      )}
    </TimeSeries>
  );
}

/** Draws the marks on the canvas of the chart. */
function Marks({ config, marks }: { config: UPlotConfigBuilder; marks: readonly TimeMark[] }) {
  const fallback = useTheme2().colors.warning.main;
  const latest = useRef(marks);
  useLayoutEffect(() => {
    latest.current = marks;
  }, [marks]);
  useLayoutEffect(() => {
    config.addHook('draw', ({ ctx, bbox, valToPos }) => {
      ctx.save();
      for (const { timeMs, color } of latest.current) {
        const x = valToPos(timeMs, 'x', true);
        if (x >= bbox.left && x <= bbox.left + bbox.width) {
          ctx.beginPath();
          ctx.setLineDash([6, 4]);
          ctx.strokeStyle = color || fallback;
          ctx.lineWidth = 2;
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
      }
      ctx.restore();
    });
  }, [config, fallback]);
  return null;
}
