/**
 * Tells the settings page when Grafana tests a data source: after its settings were saved, and when an admin presses
 * Test on a page that is read-only. Grafana gives the page no such signal, and calls `testDatasource` of another
 * object.
 */
const tests = new EventTarget();

/** @param uid UID of the data source that is tested. */
export function announceTest(uid: string): void {
  tests.dispatchEvent(new Event(uid));
}

/**
 * @param listener Called at the start of each test of the data source.
 * @returns Removes the listener.
 */
export function onTest(uid: string, listener: () => void): () => void {
  tests.addEventListener(uid, listener);
  return () => tests.removeEventListener(uid, listener);
}
