/** The forms of view queries, loaded as a chunk of their own. */
import { lazyEditor } from '../../shared/controls/lazy-editor';

export const LazyViewQueryEditor = lazyEditor(
  async () => (await import(/* webpackChunkName: "query-types" */ './ViewQueryEditor')).ViewQueryEditor,
  { heightPx: 160 }
);
