/**
 * Tells the settings page when Grafana tests a data source: after the settings were saved, and when an admin presses
 * Test on a read-only page. Grafana does not notify the page, but calls `testDatasource` of a data source object that
 * the page does not have. So `callHealthCheck` of this object calls `announceTest`, and the page listens with `onTest`.
 */
const tests = new EventTarget();

/** The start of a test. */
class TestEvent extends Event {
  constructor(
    uid: string,
    readonly result: Promise<unknown>
  ) {
    super(uid);
  }
}

/**
 * Calls the listeners of a data source.
 *
 * @param uid UID of the data source that is tested.
 * @param result The body of Grafana's response. The body of an error response, too, fulfils the promise.
 */
export function announceTest(uid: string, result: Promise<unknown>): void {
  tests.dispatchEvent(new TestEvent(uid, result));
}

/**
 * Adds a listener for the tests of a data source.
 *
 * @param listener Called at the start of each test of the data source.
 * @returns A function that removes the listener.
 */
export function onTest(uid: string, listener: (result: Promise<unknown>) => void): () => void {
  const onEvent = (event: Event) => {
    if (event instanceof TestEvent) {
      listener(event.result);
    }
  };
  tests.addEventListener(uid, onEvent);
  return () => tests.removeEventListener(uid, onEvent);
}
