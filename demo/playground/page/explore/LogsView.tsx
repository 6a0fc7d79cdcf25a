import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, PanelChrome, useStyles2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { readLogRows } from './log-row-model';
import { LogRow } from './LogRow';

/** Rows rendered at first. Thousands of them would make the page slow. */
const PAGE_ROWS = 200;

/** Log lines in the order of the frame. */
export function LogsView({ frame }: { frame: DataFrame }) {
  const styles = useStyles2(getStyles);
  const rows = useMemo(() => readLogRows(frame), [frame]);
  const [shown, setShown] = useState(PAGE_ROWS);
  if (!rows) {
    return <Alert severity="warning" title="No logs found: the frame lacks the fields timestamp and body." />;
  }
  return (
    <PanelChrome title={`Logs (${rows.length} lines)`}>
      <div role="list" aria-label="Log lines" className={styles.rows}>
        {rows.slice(0, shown).map((row) => (
          <LogRow key={row.key} row={row} />
        ))}
      </div>
      {rows.length > shown ? (
        <Button variant="secondary" fill="text" onClick={() => setShown(shown + PAGE_ROWS)}>
          Show more lines
        </Button>
      ) : null}
    </PanelChrome>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  rows: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    maxHeight: 640,
    overflow: 'auto',
  }),
});
