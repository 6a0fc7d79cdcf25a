/** The forms of the queries without SQL, in a file of their own. */
import { lazyEditor } from '../../shared/controls/lazy-editor';

export const LazyTypedEditor = lazyEditor(
  async () => (await import(/* webpackChunkName: "query-types" */ './TypedEditor')).TypedEditor,
  { heightPx: 160 }
);
