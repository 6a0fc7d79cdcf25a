import { type DataFrame } from '@grafana/data';
import { type UPlotConfigBuilder } from '@grafana/ui';
import { useLayoutEffect, useRef } from 'react';

/** A point of a time series. */
export interface ChosenPoint {
  frame: DataFrame;
  /** Number of the field in the frame. */
  fieldIndex: number;
  row: number;
}

interface Props {
  config: UPlotConfigBuilder;
  /** The data of the chart: the times of all frames, and a field for each series. */
  alignedFrame: DataFrame;
  frames: readonly DataFrame[];
  onPoint: (point: ChosenPoint) => void;
}

/** Finds the row of a series at a time of the chart. */
function pointOf({ alignedFrame, frames }: Props, series: number, index: number): ChosenPoint | undefined {
  const origin = alignedFrame.fields[series]?.state?.origin;
  const frame = origin && frames[origin.frameIndex];
  const times = frame?.fields.find(({ type }) => String(type) === 'time')?.values;
  const row = times?.indexOf(alignedFrame.fields[0].values[index]) ?? -1;
  return frame && row >= 0 ? { frame, fieldIndex: origin.fieldIndex, row } : undefined;
}

/** Calls `onPoint` with the point that is nearest to a click. */
export function PointListener(props: Props) {
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const { config } = props;
  useLayoutEffect(() => {
    config.addHook('init', (plot) => {
      plot.over.addEventListener('click', () => {
        const { idx, top = 0 } = plot.cursor;
        if (idx === null || idx === undefined) {
          return;
        }
        const near = plot.series
          .map(({ scale, show }, series) => ({ series, scale, show, value: plot.data[series]?.[idx] }))
          .filter(({ series, show, value }) => series > 0 && show === true && typeof value === 'number')
          .map(({ series, scale, value }) => ({ series, away: Math.abs(plot.valToPos(value!, scale!) - top) }))
          .sort((a, b) => a.away - b.away)[0];
        const point = near && pointOf(latest.current, near.series, idx);
        if (point) {
          latest.current.onPoint(point);
        }
      });
    });
  }, [config]);
  return null;
}
