/** Watches the states of alert rules that Grafana's scheduler evaluates. */
import { type APIRequestContext } from '@playwright/test';
import { eventually } from '../support/eventually';

interface SavedRule {
  name: string;
  health: string;
  lastError?: string;
  alerts?: Array<{ state: string; labels: Record<string, string> }>;
}

/** Longer than any rule of the tests needs to change its state. */
const CHANGE_WITHIN_MS = 90_000;

/** The name of an alert: its program, or `all` for a rule without groups. */
const nameOf = (labels: Record<string, string>): string => labels.exe ?? 'all';

/** The states of a group of rules, as Grafana lists them. */
export class RuleStates {
  /** All states that each alert has had since the start, such as `count: ember-editor` → `Normal`, `Alerting`. */
  readonly seen = new Map<string, Set<string>>();

  readonly #request: APIRequestContext;
  readonly #group: string;

  constructor(request: APIRequestContext, group: string) {
    this.#request = request;
    this.#group = group;
  }

  async #rules(): Promise<SavedRule[]> {
    const response = await this.#request.get('/api/prometheus/grafana/api/v1/rules');
    const { data }: { data: { groups: Array<{ name: string; rules: SavedRule[] }> } } = await response.json();
    return data.groups.find(({ name }) => name === this.#group)?.rules ?? [];
  }

  /** The result of the last evaluation of each rule, such as `ok`, or its error. */
  async healths(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.#rules()).map(({ name, health, lastError }) => [name, lastError ?? health]));
  }

  /** The present state of each alert, by rule and program. */
  async read(): Promise<ReadonlyMap<string, string>> {
    const rules = await this.#rules();
    const present = new Map(
      rules.flatMap(({ name, alerts = [] }) =>
        alerts.map(({ state, labels }) => [`${name}: ${nameOf(labels)}`, state.replace(/ \(.*\)$/, '')] as const)
      )
    );
    for (const [alert, state] of present) {
      this.seen.set(alert, (this.seen.get(alert) ?? new Set()).add(state));
    }
    return present;
  }

  /**
   * Waits until each of these alerts has had this state since the call. `none` stands for an alert that does not exist.
   */
  async become(expected: Readonly<Record<string, string>>): Promise<void> {
    const waiting = new Map(Object.entries(expected));
    await eventually('The states', CHANGE_WITHIN_MS, async () => {
      const present = await this.read();
      for (const [alert, state] of waiting) {
        if ((present.get(alert) ?? 'none') === state) {
          waiting.delete(alert);
        }
      }
      if (waiting.size > 0) {
        throw new Error(`Waiting for ${JSON.stringify([...waiting])}; the states are ${JSON.stringify([...present])}.`);
      }
      return present;
    });
  }
}
