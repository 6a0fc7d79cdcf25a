/** Reads the frames of a node graph with the rules of Grafana's panel: the case of field names is ignored. */
import { type DataFrame, type Field } from '@grafana/data';

export interface NodeArc {
  /** 0 to 1, the share of the circle. */
  share: number;
  /** CSS color, or the name of a color of Grafana. Undefined: the theme's. */
  color: string | undefined;
}

interface Stats {
  mainStat: string;
  secondaryStat: string;
  /** Name and formatted value of each `detail__` field that has a value. */
  details: Array<[name: string, text: string]>;
  highlighted: boolean;
  color: string | undefined;
  /** The frame and index of the row, for its links. */
  frame: DataFrame;
  row: number;
}

export interface GraphNode extends Stats {
  id: string;
  title: string;
  subtitle: string;
  arcs: NodeArc[];
}

export interface GraphEdge extends Stats {
  id: string;
  source: string;
  target: string;
  /** CSS pixels. */
  thickness: number;
}

export interface NodeGraph {
  nodes: GraphNode[];
  /** Edges whose nodes exist. */
  edges: GraphEdge[];
}

/** Maximum number of nodes, as in Grafana. */
const MAX_NODES = 1500;
const DETAIL = 'detail__';
const ARC = 'arc__';

type Fields = ReadonlyMap<string, Field>;

function fieldsOf(frame: DataFrame): Fields {
  return new Map(frame.fields.map((field) => [field.name.toLowerCase(), field]));
}

function isNumber(field: Field): boolean {
  return String(field.type) === 'number';
}

/** A value without formatting. */
function plain(field: Field | undefined, row: number): string {
  const value: unknown = field?.values[row];
  return value === null || value === undefined ? '' : String(value);
}

/** Formats numbers as Grafana's node graph does: with two decimals by default, and with the unit as a plain string. */
function stat(field: Field | undefined, row: number): string {
  const value: unknown = field?.values[row];
  if (!field || typeof value !== 'number') {
    return plain(field, row);
  }
  const { decimals, unit } = field.config;
  return `${value.toFixed(decimals || 2)}${unit ? ` ${unit}` : ''}`;
}

function statsOf(frame: DataFrame, fields: Fields, row: number): Stats {
  const details = [...fields]
    .filter(([name]) => name.startsWith(DETAIL))
    .map(([name, field]): [string, string] => [
      field.config.displayName ?? name.slice(DETAIL.length),
      plain(field, row),
    ]);
  return {
    mainStat: stat(fields.get('mainstat'), row),
    secondaryStat: stat(fields.get('secondarystat'), row),
    details: details.filter(([, value]) => value !== ''),
    highlighted: fields.get('highlighted')?.values[row] === true,
    color: colorOf(fields.get('color'), row),
    frame,
    row,
  };
}

/** Numbers get the color of the field's scale. */
function colorOf(field: Field | undefined, row: number): string | undefined {
  const value: unknown = field?.values[row];
  if (!field || value === null || value === undefined || value === '') {
    return undefined;
  }
  return isNumber(field) ? field.display?.(value).color : String(value);
}

function nodeOf(frame: DataFrame, fields: Fields, row: number): GraphNode {
  const arcs = [...fields].filter(([name]) => name.startsWith(ARC));
  return {
    ...statsOf(frame, fields, row),
    id: String(fields.get('id')?.values[row]),
    title: plain(fields.get('title'), row),
    subtitle: plain(fields.get('subtitle'), row),
    arcs: arcs
      .map(([, field]) => ({ share: Number(field.values[row] ?? 0), color: field.config.color?.fixedColor }))
      .filter(({ share }) => share > 0),
  };
}

function edgeOf(frame: DataFrame, fields: Fields, row: number): GraphEdge {
  return {
    ...statsOf(frame, fields, row),
    id: String(fields.get('id')?.values[row]),
    source: String(fields.get('source')?.values[row]),
    target: String(fields.get('target')?.values[row]),
    thickness: Number(fields.get('thickness')?.values[row] ?? 1),
  };
}

function rowsOf<T>(frames: readonly DataFrame[], read: (frame: DataFrame, fields: Fields, row: number) => T): T[] {
  return frames.flatMap((frame) => {
    const fields = fieldsOf(frame);
    return Array.from({ length: frame.length }, (_none, row) => read(frame, fields, row));
  });
}

function isEdges(frame: DataFrame): boolean {
  const fields = fieldsOf(frame);
  return fields.has('source') && fields.has('target');
}

/**
 * The nodes and edges of the frames.
 *
 * @param frames Frames that prefer the node graph. Frames with `source` and `target` contain edges.
 * @returns Undefined if no frame has nodes.
 */
export function readNodeGraph(frames: readonly DataFrame[]): NodeGraph | undefined {
  const nodes = rowsOf(
    frames.filter((frame) => !isEdges(frame) && fieldsOf(frame).has('id')),
    nodeOf
  ).slice(0, MAX_NODES);
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = rowsOf(frames.filter(isEdges), edgeOf);
  return nodes.length === 0
    ? undefined
    : { nodes, edges: edges.filter(({ source, target }) => ids.has(source) && ids.has(target)) };
}
