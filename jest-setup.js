// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// @grafana/scenes constructs an IntersectionObserver when it is loaded; jsdom has none.
global.IntersectionObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
