import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Alert, Button, PanelChrome, useStyles2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { readLogRows } from './log-row-model';
import { LogRow } from './LogRow';
import { SelectionMenu } from './SelectionMenu';
import { useViewsData } from './use-views-data';

/** Number of rows that are rendered at first. Thousands of rows would make the page slow. */
const PAGE_ROWS = 200;

/** The log lines of a frame in a panel of Explore. */
export function LogsView({ frame, range }: { frame: DataFrame; range: TimeRange }) {
  const [data] = useViewsData(
    useMemo(() => [frame], [frame]),
    range
  );
  return (
    <PanelChrome title={`Logs (${frame.length} lines)`}>
      <LogLines frame={data!} maxHeight={640} />
    </PanelChrome>
  );
}

/** Log lines in the order of the frame. */
export function LogLines({ frame, maxHeight }: { frame: DataFrame; maxHeight: number }) {
  const styles = useStyles2(getStyles);
  const rows = useMemo(() => readLogRows(frame), [frame]);
  const [shown, setShown] = useState(PAGE_ROWS);
  if (!rows) {
    return <Alert severity="warning" title="No logs found: the frame lacks the fields timestamp and body." />;
  }
  return (
    <div className={styles.scroll} style={{ maxHeight }}>
      <SelectionMenu>
        <div role="list" aria-label="Log lines" className={styles.rows}>
          {rows.slice(0, shown).map((row) => (
            <LogRow key={row.key} row={row} frame={frame} />
          ))}
        </div>
      </SelectionMenu>
      {rows.length > shown ? (
        <Button variant="secondary" fill="text" onClick={() => setShown(shown + PAGE_ROWS)}>
          Show more lines
        </Button>
      ) : null}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflow: 'auto', height: '100%' }),
  rows: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
