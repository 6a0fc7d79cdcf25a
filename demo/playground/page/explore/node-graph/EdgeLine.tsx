import { useTheme2 } from '@grafana/ui';
import React from 'react';
import { type Point } from './layout';
import { NODE_RADIUS } from './NodeCircle';
import { type GraphEdge } from './node-graph-model';
import { selectable } from './selectable';

const MARKER = 'node-graph-arrow';
/** Gap between the arrow and the node, in pixels. */
const GAP = 8;
/**
 * How far an edge bends: the distance of the curve's control point from the straight line, divided by the length of
 * this line.
 */
const BEND = 0.12;

interface Props {
  edge: GraphEdge;
  name: string;
  from: Point;
  to: Point;
  isSelected: boolean;
  onSelect: () => void;
}

/** The arrow at the end of edges. */
export function EdgeMarker() {
  return (
    <defs>
      <marker
        id={MARKER}
        viewBox="0 0 10 10"
        refX={9}
        refY={5}
        markerWidth={8}
        markerHeight={8}
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path d="M0 0 10 5 0 10z" fill="context-stroke" />
      </marker>
    </defs>
  );
}

/**
 * An edge from a node to itself is a loop above the node. Other edges are curves, so that edges in both directions do
 * not cover each other.
 */
function pathOf(from: Point, to: Point): { path: string; label: Point } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length === 0) {
    const { x, y } = from;
    const [top, side] = [y - NODE_RADIUS - 36, 30];
    return {
      path: `M${x - 12} ${y - NODE_RADIUS} C${x - side} ${top} ${x + side} ${top} ${x + 12} ${y - NODE_RADIUS - GAP}`,
      label: { x, y: y - NODE_RADIUS - 30 },
    };
  }
  const [ux, uy] = [dx / length, dy / length];
  const start = { x: from.x + ux * NODE_RADIUS, y: from.y + uy * NODE_RADIUS };
  const end = { x: to.x - ux * (NODE_RADIUS + GAP), y: to.y - uy * (NODE_RADIUS + GAP) };
  const bend = { x: (from.x + to.x) / 2 + dy * BEND, y: (from.y + to.y) / 2 - dx * BEND };
  return {
    path: `M${start.x} ${start.y} Q${bend.x} ${bend.y} ${end.x} ${end.y}`,
    label: { x: (start.x + 2 * bend.x + end.x) / 4, y: (start.y + 2 * bend.y + end.y) / 4 },
  };
}

/** An edge with its values in the middle. */
export function EdgeLine({ edge, name, from, to, isSelected, onSelect }: Props) {
  const { colors, visualization } = useTheme2();
  const { path, label } = pathOf(from, to);
  const own = edge.color === undefined ? colors.text.disabled : visualization.getColorByName(edge.color);
  const stroke = isSelected || edge.highlighted ? colors.primary.text : own;
  const halo = { stroke: colors.background.primary, strokeWidth: 4, paintOrder: 'stroke' };
  return (
    <g {...selectable(`Edge ${name}`, isSelected, onSelect)} textAnchor="middle" fill="currentColor">
      <path d={path} fill="none" stroke="transparent" strokeWidth={16} />
      <path d={path} fill="none" stroke={stroke} strokeWidth={edge.thickness} markerEnd={`url(#${MARKER})`} />
      <text x={label.x} y={label.y - 2} fontSize={11} {...halo}>
        {edge.mainStat}
      </text>
      <text x={label.x} y={label.y + 11} fontSize={11} fill={colors.text.secondary} {...halo}>
        {edge.secondaryStat}
      </text>
    </g>
  );
}
