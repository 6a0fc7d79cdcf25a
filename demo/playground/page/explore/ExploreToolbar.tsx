import { css } from '@emotion/css';
import { dateTime, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { RefreshPicker, TimeRangePicker, useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { DataSourceChoice } from '../layout/DataSourceChoice';
import { type PageLocation } from '../location';

interface Props {
  location: PageLocation;
  range: TimeRange;
  isRunning: boolean;
  /** Additional buttons. */
  children?: ReactNode;
  onRange: (range: TimeRange) => void;
  onRun: () => void;
  onCancel: () => void;
}

/** The range zoomed around its middle, or moved by half its length. */
function shifted({ from, to }: TimeRange, startShare: number, endShare: number): TimeRange {
  const lengthMs = to.valueOf() - from.valueOf();
  const [start, end] = [dateTime(from.valueOf() + lengthMs * startShare), dateTime(to.valueOf() + lengthMs * endShare)];
  return { from: start, to: end, raw: { from: start, to: end } };
}

/** Data source, time range and Run query. */
export function ExploreToolbar({ location, range, isRunning, children, onRange, onRun, onCancel }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.bar}>
      <DataSourceChoice location={location} />
      <div className={styles.right}>
        <TimeRangePicker
          value={range}
          timeZone="browser"
          onChange={onRange}
          onChangeTimeZone={() => undefined}
          onMoveBackward={() => onRange(shifted(range, -0.5, -0.5))}
          onMoveForward={() => onRange(shifted(range, 0.5, 0.5))}
          onZoom={() => onRange(shifted(range, -0.5, 0.5))}
          isOnCanvas
        />
        <RefreshPicker
          text={isRunning ? 'Cancel' : 'Run query'}
          isLoading={isRunning}
          primary
          value=""
          noIntervalPicker
          onIntervalChanged={() => undefined}
          onRefresh={isRunning ? onCancel : onRun}
        />
        {children}
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    justifyContent: 'space-between',
    margin: theme.spacing(2, 0),
  }),
  right: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) }),
});
