// Most tests of src/ need no DOM. Tests that need a DOM are `.test.tsx` files, or begin with `@jest-environment jsdom`.
if (typeof document !== 'undefined') {
  require('../../jest-setup');
  // jsdom has no layout. MultiCombobox measures strings, and its list shows only the options that fit into its height.
  HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
  Object.defineProperty(Element.prototype, 'clientHeight', { configurable: true, get: () => 300 });
}
