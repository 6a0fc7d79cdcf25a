/** React context with the runtime of the page. */
import { createContext, useContext } from 'react';
import { type PlaygroundRuntime } from './set-up';

export const RuntimeContext = createContext<PlaygroundRuntime | undefined>(undefined);

/** @throws {Error} Outside of the provider. */
export function useRuntime(): PlaygroundRuntime {
  const runtime = useContext(RuntimeContext);
  if (!runtime) {
    throw new Error('The runtime is not set up yet.');
  }
  return runtime;
}
