/**
 * Collects the stages of a health check. A stage gets into the report by being tried, in the order of trying.
 */
import { type HealthDetails, type HealthStage, type HealthStageName } from '../../../contract/health';
import { ProxyError } from '../../errors/proxy-error';

/** A stage before it is known how it goes. */
export interface StageHeading {
  name: HealthStageName;
  /** For people. */
  title: string;
  /** What is tried, in a few words. Never a secret. */
  tried?: string;
}

/** What a stage found. */
export interface StageFinding {
  /** One sentence. */
  text: string;
  /** Sentences that make the stage a warning; they are shown with the result as well. */
  warnings?: readonly string[];
  /** In place of the heading's, where it is known only afterwards. */
  tried?: string;
}

/** What the details say besides the stages. */
export type Findings = Pick<HealthDetails, 'token' | 'whoAmI'>;

const MARKS: Readonly<Record<HealthStage['status'], string>> = { ok: '✔', warning: '⚠', failed: '✖' };

/** A stage as a line of text: mark, title, time, what was tried, and the answer. */
function lineOf({ status, title, tried, text, tookMs }: HealthStage): string {
  return `${MARKS[status]} ${title} (${Math.round(tookMs)} ms${tried === undefined ? '' : `, ${tried}`}): ${text}`;
}

export class HealthReport {
  readonly #now: () => number;
  readonly #stages: HealthStage[] = [];
  readonly #warnings: string[] = [];
  #findings: Findings = {};

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** What was told so far. */
  get findings(): Findings {
    return this.#findings;
  }

  /**
   * Tries a stage and records how it went.
   *
   * @throws {ProxyError} what `work` threw, after recording it.
   */
  async run<T>(heading: StageHeading, work: () => Promise<StageFinding & { value: T }>): Promise<T> {
    const startedMs = this.#now();
    try {
      const finding = await work();
      this.passed(heading, finding, this.#now() - startedMs);
      return finding.value;
    } catch (reason) {
      throw this.failed(heading, reason, this.#now() - startedMs);
    }
  }

  passed(heading: StageHeading, { text, warnings = [], tried }: StageFinding, tookMs: number): void {
    this.#warnings.push(...warnings.filter((warning) => !this.#warnings.includes(warning)));
    this.#stages.push({
      ...heading,
      ...(tried !== undefined && { tried }),
      status: warnings.length > 0 ? 'warning' : 'ok',
      text: [text, ...warnings].join(' '),
      tookMs,
    });
  }

  /** Records a failure. Returns it as a ProxyError, to be thrown. */
  failed(heading: StageHeading, reason: unknown, tookMs: number): ProxyError {
    const error = ProxyError.from(reason);
    this.#stages.push({ ...heading, status: 'failed', text: error.adminText, tookMs });
    return error;
  }

  /** Adds what is to be told beside the stages, in place of what was told before. */
  tell(findings: Findings): void {
    this.#findings = { ...this.#findings, ...findings };
  }

  /** @param message What Grafana shows below the short message of a failed check. */
  details(message: string): HealthDetails {
    const verboseMessage = this.#stages.map(lineOf).join('\n');
    return { message, verboseMessage, stages: [...this.#stages], ...this.#findings };
  }
}
