import { css } from '@emotion/css';
import { type DataFrame, dateTimeFormat, getFieldDisplayName, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { PanelChrome, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { type ChosenPoint } from './PointListener';
import { LinkButtons } from './RowLinks';
import { TimeSeriesChart } from './TimeSeriesChart';
import { useElementWidth } from './use-element-width';
import { useViewsData } from './use-views-data';

const HEIGHT = 300;

/** Time series in a panel of Explore. A click on a point shows its links. */
export function GraphView({ frames, range }: { frames: DataFrame[]; range: TimeRange }) {
  const data = useViewsData(frames, range);
  const [ref, width] = useElementWidth();
  const [point, setPoint] = useState<ChosenPoint>();
  const current = point && samePoint(point, data);
  return (
    <div ref={ref}>
      <PanelChrome title="Graph" width={width} height={HEIGHT}>
        {(innerWidth, innerHeight) => (
          <TimeSeriesChart frames={data} width={innerWidth} height={innerHeight} range={range} onPoint={setPoint} />
        )}
      </PanelChrome>
      {current ? <PointLinks point={current} frames={data} /> : null}
    </div>
  );
}

/**
 * Finds the point in newer frames. When the data source knows further links of the points, it sends the result again,
 * in new frames with the same arrays of values. Undefined for the result of another query.
 */
function samePoint(point: ChosenPoint, frames: readonly DataFrame[]): ChosenPoint | undefined {
  const { values } = point.frame.fields[point.fieldIndex];
  const frame = frames.find(({ fields }) => fields[point.fieldIndex]?.values === values);
  return frame && { ...point, frame };
}

function PointLinks({ point: { frame, fieldIndex, row }, frames }: { point: ChosenPoint; frames: DataFrame[] }) {
  const styles = useStyles2(getStyles);
  const field = frame.fields[fieldIndex];
  const links = field.getLinks?.({ valueRowIndex: row }) ?? [];
  const time = frame.fields.find(({ type }) => String(type) === 'time')?.values[row];
  return links.length === 0 ? null : (
    <section aria-label="Point" className={styles.point}>
      <span>
        {getFieldDisplayName(field, frame, frames)} at {dateTimeFormat(time, { format: 'HH:mm:ss' })}
      </span>
      <LinkButtons links={links} />
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  point: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(1, 2),
    background: theme.colors.background.secondary,
  }),
});
