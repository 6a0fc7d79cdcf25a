/**
 * What Save & Test reports in `jsonDetails`, one entry per stage that was tried, in order. A stage that was not reached
 * is not listed: nothing is called good that was not tried.
 */

export type HealthStageName = 'settings' | 'address' | 'tls' | 'discovery' | 'token' | 'server' | 'query' | 'tables';

export interface HealthStage {
  name: HealthStageName;
  /** For people, for example `Sign-in token`. */
  title: string;
  status: 'ok' | 'warning' | 'failed';
  /** One sentence: what was found, or what is wrong and what to do. Never a secret. */
  text: string;
  /** Milliseconds that the stage took. */
  tookMs: number;
}

/** `jsonDetails` of a health check. Grafana shows `message` and `verboseMessage` under a failed one. */
export interface HealthDetails {
  message: string;
  /** All stages as lines of text. */
  verboseMessage: string;
  stages: HealthStage[];
}
