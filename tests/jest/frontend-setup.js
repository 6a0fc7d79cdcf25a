// Most tests of src/ need no DOM. Tests that need a DOM are `.test.tsx` files, or begin with `@jest-environment jsdom`.
if (typeof document !== 'undefined') {
  require('../../jest-setup');
  // `findBy…` and `waitFor` also wait for lazy imports, which jest compiles at their first use. On a busy machine that
  // takes longer than the default of one second.
  require('@testing-library/react').configure({ asyncUtilTimeout: 60_000 });
  // jsdom has no layout. MultiCombobox measures strings, and its list shows only the options that fit into its height.
  HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
  Object.defineProperty(Element.prototype, 'clientHeight', { configurable: true, get: () => 300 });
}
