/** Starts the page: sets up the runtime, loads the built plugin, and shows the screens or the error. */
import React from 'react';
import { createRoot } from 'react-dom/client';
import { App, StartFailure } from './App';
import { setUpRuntime } from './runtime/set-up';

const element = document.getElementById('reactRoot');
if (!element) {
  throw new Error('The page has no element with the id reactRoot.');
}
const root = createRoot(element);

setUpRuntime().then(
  (runtime) => root.render(<App runtime={runtime} />),
  (error: unknown) => root.render(<StartFailure error={error} />)
);
