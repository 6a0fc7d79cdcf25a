import { useTheme2 } from '@grafana/ui';
import React from 'react';
import { type Point } from './layout';
import { type GraphNode, type NodeArc } from './node-graph-model';
import { selectable } from './selectable';

export const NODE_RADIUS = 40;
const RING_WIDTH = 4;
/** Longer titles are truncated. The details contain the whole title. */
const MAX_TITLE = 28;

interface Props {
  node: GraphNode;
  at: Point;
  isSelected: boolean;
  onSelect: () => void;
}

function truncated(value: string): string {
  return value.length > MAX_TITLE ? `${value.slice(0, MAX_TITLE - 1)}…` : value;
}

/** A node: a circle with its values, a ring with its shares, and the title below. */
export function NodeCircle({ node, at, isSelected, onSelect }: Props) {
  const { colors, visualization } = useTheme2();
  const ring = node.color === undefined ? colors.border.strong : visualization.getColorByName(node.color);
  const hasStats = node.mainStat !== '' && node.secondaryStat !== '';
  return (
    <g
      transform={`translate(${at.x} ${at.y})`}
      {...selectable(`Node ${node.title || node.id}`, isSelected, onSelect)}
      textAnchor="middle"
      fill="currentColor"
    >
      <circle
        r={NODE_RADIUS}
        fill={node.highlighted || isSelected ? colors.action.selected : colors.background.secondary}
        stroke={isSelected ? colors.primary.border : ring}
        strokeWidth={isSelected ? 3 : 1}
      />
      <Ring arcs={node.arcs} />
      <text y={hasStats ? -3 : 4} fontWeight={500}>
        {node.mainStat || node.secondaryStat}
      </text>
      {hasStats ? (
        <text y={14} fill={colors.text.secondary} fontSize={11}>
          {node.secondaryStat}
        </text>
      ) : null}
      <text y={NODE_RADIUS + 18}>{truncated(node.title || node.id)}</text>
      <text y={NODE_RADIUS + 33} fill={colors.text.secondary} fontSize={11}>
        {truncated(node.subtitle)}
      </text>
    </g>
  );
}

/** Each arc begins where the previous one ends. */
function Ring({ arcs }: { arcs: readonly NodeArc[] }) {
  const { colors, visualization } = useTheme2();
  const length = 2 * Math.PI * NODE_RADIUS;
  const starts = arcs.map((_arc, index) => arcs.slice(0, index).reduce((sum, { share }) => sum + share, 0));
  return (
    <>
      {arcs.map(({ share, color }, index) => (
        <circle
          key={index}
          r={NODE_RADIUS}
          fill="none"
          stroke={color === undefined ? colors.primary.main : visualization.getColorByName(color)}
          strokeWidth={RING_WIDTH}
          strokeDasharray={`${share * length} ${length}`}
          strokeDashoffset={-starts[index] * length}
          transform="rotate(-90)"
        />
      ))}
    </>
  );
}
