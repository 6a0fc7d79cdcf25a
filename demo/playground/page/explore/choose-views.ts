/**
 * Which views an answer gets in Explore, by Grafana's own order: the frame's preferred view, then graph and table for
 * one time field with nothing but numbers, then a table.
 */
import { type DataFrame } from '@grafana/data';

export type View = 'graph' | 'logs' | 'table';

/** Views in the order in which they are shown, each with its frames. */
export interface ChosenViews {
  graph: DataFrame[];
  logs: DataFrame[];
  table: DataFrame[];
}

function viewsOf(frame: DataFrame): View[] {
  switch (frame.meta?.preferredVisualisationType) {
    case 'logs':
      return ['logs'];
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

/** Sorts the frames of an answer into views. A frame without fields stands for no data and is left out. */
export function chooseViews(frames: readonly DataFrame[]): ChosenViews {
  const chosen: ChosenViews = { graph: [], logs: [], table: [] };
  for (const frame of frames) {
    for (const view of frame.fields.length > 0 ? viewsOf(frame) : []) {
      chosen[view].push(frame);
    }
  }
  return chosen;
}
