/** The query builder in the editors of panels, Explore, alert rules, annotations and variables, loaded on demand. */
import { lazyEditor } from '../../shared/controls/lazy-editor';

export const LazyBuilder = lazyEditor(
  async () => (await import(/* webpackChunkName: "builder" */ './BuilderPane')).BuilderPane,
  { heightPx: 240, sqlOf: ({ sql }) => sql }
);
