/**
 * Collects the stages of a health check. A stage gets into the report by being tried, in the order of trying.
 */
import { type HealthDetails, type HealthStage, type HealthStageName } from '../../../contract/health';
import { ProxyError } from '../../errors/proxy-error';

/** What a stage found. */
export interface StageFinding {
  /** One sentence. */
  text: string;
  /** Sentences that make the stage a warning; they are shown with the result as well. */
  warnings?: readonly string[];
}

const MARKS: Readonly<Record<HealthStage['status'], string>> = { ok: '✔', warning: '⚠', failed: '✖' };

export class HealthReport {
  readonly #now: () => number;
  readonly #stages: HealthStage[] = [];
  readonly #warnings: string[] = [];

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /**
   * Tries a stage and records how it went.
   *
   * @throws {ProxyError} what `work` threw, after recording it.
   */
  async run<T>(name: HealthStageName, title: string, work: () => Promise<StageFinding & { value: T }>): Promise<T> {
    const startedMs = this.#now();
    try {
      const finding = await work();
      this.passed(name, title, finding, this.#now() - startedMs);
      return finding.value;
    } catch (reason) {
      throw this.failed(name, title, reason, this.#now() - startedMs);
    }
  }

  passed(name: HealthStageName, title: string, { text, warnings = [] }: StageFinding, tookMs: number): void {
    const status = warnings.length > 0 ? 'warning' : 'ok';
    this.#warnings.push(...warnings);
    this.#stages.push({ name, title, status, text: [text, ...warnings].join(' '), tookMs });
  }

  /** Records a failure. Returns it as a ProxyError, to be thrown. */
  failed(name: HealthStageName, title: string, reason: unknown, tookMs: number): ProxyError {
    const error = ProxyError.from(reason);
    this.#stages.push({ name, title, status: 'failed', text: error.userText, tookMs });
    return error;
  }

  /** @param message What Grafana shows below the short message of a failed check. */
  details(message: string): HealthDetails {
    const lines = this.#stages.map(
      ({ status, title, text, tookMs }) => `${MARKS[status]} ${title} (${Math.round(tookMs)} ms): ${text}`
    );
    return { message, verboseMessage: lines.join('\n'), stages: [...this.#stages] };
  }
}
