/**
 * The interface through which the page uses the bundle of the flame graph. The bundle and the page have separate copies
 * of React and of Grafana's packages.
 */

/** The property of `window` in which the bundle stores a promise of its `FlameGraphApi`. */
export const FLAME_GRAPH = 'playgroundFlameGraph';

export interface FlameGraphInput {
  /** A data frame as JSON, as `dataFrameToJSON` of @grafana/data writes it. */
  frame: unknown;
  theme: 'light' | 'dark';
}

export interface MountedFlameGraph {
  update(input: FlameGraphInput): void;
  unmount(): void;
}

export interface FlameGraphApi {
  mount(element: HTMLElement, input: FlameGraphInput): MountedFlameGraph;
}

declare global {
  interface Window {
    [FLAME_GRAPH]?: Promise<FlameGraphApi>;
  }
}
