// Most tests of src/ need no DOM. Those that do are `.test.tsx`, or start with `@jest-environment jsdom`.
if (typeof document !== 'undefined') {
  require('../../jest-setup');
}
