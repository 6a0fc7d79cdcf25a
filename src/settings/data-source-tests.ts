/**
 * Tells the settings page when Grafana tests a data source: after the settings were saved, and when an admin presses
 * Test on a read-only page. Grafana does not notify the page, but calls `testDatasource` of a data source object that
 * the page does not have. So `testDatasource` calls `announceTest`, and the page listens with `onTest`.
 */
const tests = new EventTarget();

/** Calls the listeners of a data source. @param uid UID of the data source that is tested. */
export function announceTest(uid: string): void {
  tests.dispatchEvent(new Event(uid));
}

/**
 * Adds a listener for the tests of a data source.
 *
 * @param listener Called at the start of each test of the data source.
 * @returns A function that removes the listener.
 */
export function onTest(uid: string, listener: () => void): () => void {
  tests.addEventListener(uid, listener);
  return () => tests.removeEventListener(uid, listener);
}
