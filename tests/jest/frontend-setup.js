// Most tests of src/ need no DOM. Tests that need a DOM are `.test.tsx` files, or begin with `@jest-environment jsdom`.
if (typeof document !== 'undefined') {
  require('../../jest-setup');
}
