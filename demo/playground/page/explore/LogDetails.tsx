import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { Button, IconButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { useFiltering } from './filtering';
import { useShowContext } from './log-context';
import { type LogRowModel } from './log-row-model';
import { LinkButtons } from './RowLinks';

interface Props {
  row: LogRowModel;
  frame: DataFrame;
}

/** Labels and other fields of a log line, with filters and links. */
export function LogDetails({ row, frame }: Props) {
  const styles = useStyles2(getStyles);
  const showContext = useShowContext();
  return (
    <table aria-label="Log details" className={styles.details}>
      <tbody>
        <tr>
          <td />
          <th scope="row">level</th>
          <td>
            {row.level}{' '}
            {showContext ? (
              <Button size="sm" variant="secondary" onClick={() => showContext(frame, row.index)}>
                Show context
              </Button>
            ) : null}
          </td>
        </tr>
        {row.details.map(({ name, value, links }) => (
          <tr key={name}>
            <td>
              <FilterButtons name={name} value={value} frame={frame} />
            </td>
            <th scope="row">{name}</th>
            <td>
              {value}
              {links.length > 0 ? (
                <div className={styles.links}>
                  <LinkButtons links={links} />
                </div>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FilterButtons({ name, value, frame }: { name: string; value: string; frame: DataFrame }) {
  const { filterValue, isActive } = useFiltering();
  if (!filterValue) {
    return null;
  }
  const isOn = isActive(name, value);
  return (
    <>
      <IconButton
        name="search-plus"
        size="sm"
        variant={isOn ? 'primary' : 'secondary'}
        aria-pressed={isOn}
        tooltip={isOn ? 'Remove filter' : 'Filter for value'}
        onClick={() => filterValue(name, value, false, frame)}
      />
      <IconButton
        name="search-minus"
        size="sm"
        tooltip="Filter out value"
        onClick={() => filterValue(name, value, true, frame)}
      />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  links: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5) }),
  details: css({
    margin: theme.spacing(0.5, 0, 1, 4),
    background: theme.colors.background.secondary,
    'th, td': {
      padding: theme.spacing(0.25, 2, 0.25, 1),
      textAlign: 'left',
      verticalAlign: 'top',
      overflowWrap: 'anywhere',
    },
    'td:first-child': { whiteSpace: 'nowrap' },
    th: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular, whiteSpace: 'nowrap' },
  }),
});
