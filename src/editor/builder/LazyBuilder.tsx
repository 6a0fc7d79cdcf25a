/** The builder of panels, alert rules and annotations, loaded on demand. */
import { lazyEditor } from '../../shared/controls/lazy-editor';

export const LazyBuilder = lazyEditor(
  async () => (await import(/* webpackChunkName: "builder" */ './BuilderPane')).BuilderPane,
  { heightPx: 240, sqlOf: ({ sql }) => sql }
);
