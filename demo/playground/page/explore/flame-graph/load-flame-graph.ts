/** Loads the bundle of the flame graph. The server creates the bundle for the first request. */
import { FLAME_GRAPH, type FlameGraphApi } from '../../../flame-graph/flame-graph-api';

const URL = '/public/playground/flame-graph.js';

let loading: Promise<FlameGraphApi> | undefined;

async function load(): Promise<FlameGraphApi> {
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = URL;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${URL} cannot be loaded.`));
    document.head.append(script);
  });
  const api = window[FLAME_GRAPH];
  if (!api) {
    throw new Error(`${URL} has no flame graph.`);
  }
  return api;
}

/** One bundle for all flame graphs of the page. Rejects if the file cannot be loaded; the next call tries again. */
export function loadFlameGraph(): Promise<FlameGraphApi> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
