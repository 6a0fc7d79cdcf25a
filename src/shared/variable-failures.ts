/**
 * The failures of variable queries, for the editor of a variable: Grafana shows them on the dashboard, but not beside
 * the editor.
 */
import { StringMap } from '../../contract/string-map';

/** Maximum number of failures that are kept. The oldest are dropped. */
const MAX_FAILURES = 100;

/** One per data source object of Grafana. */
export class VariableFailures {
  /** Messages by the SQL of the query, before its variables are interpolated. */
  readonly #messages = new StringMap<string>();
  readonly #listeners = new Set<() => void>();

  /** Keeps the outcome of a query. @param message Undefined if the query succeeded. */
  record(sql: string, message: string | undefined): void {
    this.#messages.delete(sql);
    if (message !== undefined) {
      this.#messages.set(sql, message);
    }
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > MAX_FAILURES && oldest !== undefined) {
      this.#messages.delete(oldest);
    }
    this.#listeners.forEach((listener) => listener());
  }

  /** The error message of the last run of a query. Undefined if this run succeeded, or if no run is known. */
  messageOf(sql: string): string | undefined {
    return this.#messages.get(sql);
  }

  /** For `useSyncExternalStore`. @returns A function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
