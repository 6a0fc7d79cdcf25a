import { css } from '@emotion/css';
import { type DataFrame, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Alert, PanelChrome, useStyles2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { useViewsData } from '../use-views-data';
import { EdgeLine, EdgeMarker } from './EdgeLine';
import { layOut } from './layout';
import { type GraphEdge, type GraphNode, type NodeGraph, readNodeGraph } from './node-graph-model';
import { NodeCircle } from './NodeCircle';
import { SelectionDetails } from './SelectionDetails';

/** A node graph. A click on a node or an edge shows its fields and links. */
export function NodeGraphView({ frames, range }: { frames: DataFrame[]; range: TimeRange }) {
  return (
    <PanelChrome title="Node graph">
      <NodeGraphContent frames={frames} range={range} />
    </PanelChrome>
  );
}

/** The graph without the panel around it. */
export function NodeGraphContent({ frames, range }: { frames: DataFrame[]; range: TimeRange }) {
  const data = useViewsData(frames, range);
  const graph = useMemo(() => readNodeGraph(data), [data]);
  return graph ? (
    <Graph graph={graph} />
  ) : (
    <Alert severity="warning" title="No node graph found: no frame has nodes." />
  );
}

/** The name of an edge for screen readers. */
function edgeName({ source, target }: GraphEdge, titles: ReadonlyMap<string, string>): string {
  return `${titles.get(source)} to ${titles.get(target)}`;
}

function Graph({ graph: { nodes, edges } }: { graph: NodeGraph }) {
  const styles = useStyles2(getStyles);
  const [selected, setSelected] = useState<GraphNode | GraphEdge>();
  const layout = useMemo(
    () =>
      layOut(
        nodes.map(({ id }) => id),
        edges
      ),
    [nodes, edges]
  );
  const titles = useMemo(() => new Map(nodes.map(({ id, title }) => [id, title || id])), [nodes]);
  return (
    <div data-testid="node graph">
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="Graph">
        <svg width={layout.width} height={layout.height} className={styles.graph}>
          <EdgeMarker />
          {edges.map((edge) => (
            <EdgeLine
              key={edge.id}
              edge={edge}
              name={edgeName(edge, titles)}
              from={layout.positions.get(edge.source)!}
              to={layout.positions.get(edge.target)!}
              isSelected={edge === selected}
              onSelect={() => setSelected(edge)}
            />
          ))}
          {nodes.map((node) => (
            <NodeCircle
              key={node.id}
              node={node}
              at={layout.positions.get(node.id)!}
              isSelected={node === selected}
              onSelect={() => setSelected(node)}
            />
          ))}
        </svg>
      </div>
      {selected ? (
        <SelectionDetails
          selected={selected}
          title={'source' in selected ? edgeName(selected, titles) : (titles.get(selected.id) ?? '')}
        />
      ) : null}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflow: 'auto', maxHeight: 640, textAlign: 'center' }),
  graph: css({
    fontSize: 12,
    color: theme.colors.text.primary,
    fontFamily: theme.typography.fontFamily,
    '[role=button]:focus:not(:focus-visible)': { outline: 'none' },
  }),
});
