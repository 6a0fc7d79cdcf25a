import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { LinkButtons, linksOfRow } from '../RowLinks';
import { type GraphEdge, type GraphNode } from './node-graph-model';

interface Props {
  selected: GraphNode | GraphEdge;
  title: string;
}

/** The name of a value: the display name of its field. */
function nameOf(frame: DataFrame, field: string): string {
  return frame.fields.find(({ name }) => name.toLowerCase() === field)?.config.displayName ?? field;
}

/** The fields and links of a node or an edge, as in the menu of Grafana's panel. */
export function SelectionDetails({ selected, title }: Props) {
  const styles = useStyles2(getStyles);
  const { frame, row, mainStat, secondaryStat, details } = selected;
  const facts = [
    ...('subtitle' in selected ? [['subtitle', selected.subtitle]] : []),
    [nameOf(frame, 'mainstat'), mainStat],
    [nameOf(frame, 'secondarystat'), secondaryStat],
    ...details,
  ].filter(([, value]) => value !== '');
  return (
    <section aria-label="Selection" className={styles.details}>
      <h5>{title}</h5>
      <table>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={styles.buttons}>
        <LinkButtons links={linksOfRow(frame, row)} />
      </div>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  details: css({
    padding: theme.spacing(1, 2),
    background: theme.colors.background.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    h5: { margin: 0, overflowWrap: 'anywhere' },
    'th, td': { padding: theme.spacing(0.25, 2, 0.25, 0), verticalAlign: 'top', overflowWrap: 'anywhere' },
    th: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular, textAlign: 'left' },
  }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5), marginTop: theme.spacing(0.5) }),
});
