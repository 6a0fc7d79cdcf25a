/** The editor of queries without SQL, loaded on demand. */
import { lazyEditor } from '../../shared/controls/lazy-editor';

export const LazyViewQueryEditor = lazyEditor(
  async () => (await import(/* webpackChunkName: "query-types" */ './ViewQueryEditor')).ViewQueryEditor,
  { heightPx: 160 }
);
