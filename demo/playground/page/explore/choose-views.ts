/**
 * Chooses the views of a frame with Grafana's rules:
 *
 * - The frame prefers a view: this view, and for a graph also a table.
 * - No preference, one time field, and only numbers in the other fields: a graph and a table.
 * - All other frames: a table.
 */
import { type DataFrame } from '@grafana/data';

export type View = 'graph' | 'logs' | 'trace' | 'nodeGraph' | 'flamegraph' | 'table';

/** Views in their order on the page, each with its frames. */
export interface ChosenViews {
  graph: DataFrame[];
  logs: DataFrame[];
  trace: DataFrame[];
  nodeGraph: DataFrame[];
  flamegraph: DataFrame[];
  table: DataFrame[];
}

function viewsOf(frame: DataFrame): View[] {
  const preferred = frame.meta?.preferredVisualisationType;
  switch (preferred) {
    case 'logs':
    case 'trace':
    case 'nodeGraph':
    case 'flamegraph':
      return [preferred];
    case 'graph':
      return ['graph', 'table'];
    case 'table':
      return ['table'];
    default: {
      const count = (type: string) => frame.fields.filter((field) => String(field.type) === type).length;
      const [times, numbers] = [count('time'), count('number')];
      const isSeries = times === 1 && numbers > 0 && times + numbers === frame.fields.length;
      return isSeries ? ['graph', 'table'] : ['table'];
    }
  }
}

/** Assigns the frames of a result to views. A frame without fields means no data, and gets no view. */
export function chooseViews(frames: readonly DataFrame[]): ChosenViews {
  const chosen: ChosenViews = { graph: [], logs: [], trace: [], nodeGraph: [], flamegraph: [], table: [] };
  for (const frame of frames) {
    for (const view of frame.fields.length > 0 ? viewsOf(frame) : []) {
      chosen[view].push(frame);
    }
  }
  return chosen;
}
