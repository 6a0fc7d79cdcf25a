/** Collects the stages of a health check, in the order in which they were tried. */
import { type FieldLabels } from '../../../contract/settings/field-labels';
import { type HealthDetails, type HealthStage, type HealthStageName } from '../../../contract/resources/health';
import { type Message, message, render } from '../../../contract/messages/message';
import { shortResult, MAX_SENTENCES, sentenceCount } from '../../../contract/messages/sentences';
import { ProxyError } from '../../base/errors/proxy-error';
import { type CheckHealthResult } from '../../query/plugin-request';

/** The heading of a stage, which is known before the stage runs. */
export interface StageHeading {
  name: HealthStageName;
  title: Message;
  tried?: Message;
}

/** Sentences that belong together; the first one names the problem. */
export type Warning = readonly [Message, ...Message[]];

/** The result of a stage. */
export interface StageFinding {
  text: readonly Message[];
  /** Details that are shown on request. */
  more?: readonly Message[];
  /** Warnings set the status of the stage to `warning`. They are also shown in the result of the check. */
  warnings?: readonly Warning[];
  /** Replaces `tried` of the heading, for stages where only the result shows what was tried. */
  tried?: Message;
}

/** Details that belong to the whole check, not to one of its stages. */
export type CommonDetails = Pick<HealthDetails, 'token' | 'whoAmI'>;

const MARKS: Readonly<Record<HealthStage['status'], string>> = { ok: '✔', warning: '⚠', failed: '✖' };

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The report of one check. Ends with `success` or `failure`. */
export class HealthReport {
  readonly #elapsedMs: () => number;
  readonly #stages: HealthStage[] = [];
  #warnings: Warning[] = [];
  #findings: CommonDetails = {};
  #labels: FieldLabels | undefined;

  /** @param elapsedMs Milliseconds of a monotonic clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** The details that `add` has collected so far. */
  get findings(): CommonDetails {
    return this.#findings;
  }

  /** The labels for all messages of the report. */
  useLabels(labels: FieldLabels): void {
    this.#labels = labels;
  }

  /**
   * Runs a stage and records its result.
   *
   * @throws {ProxyError} The error of `work`, after the failed stage was recorded.
   */
  async run<T>(heading: StageHeading, work: () => Promise<StageFinding & { value: T }>): Promise<T> {
    const startedMs = this.#elapsedMs();
    try {
      const finding = await work();
      this.passed(heading, finding, this.#elapsedMs() - startedMs);
      return finding.value;
    } catch (reason) {
      throw this.failed(heading, reason, this.#elapsedMs() - startedMs);
    }
  }

  /** Records a stage that passed. If several stages have the same warning, the result of the check shows it once. */
  passed(heading: StageHeading, { text, more, warnings = [], tried }: StageFinding, tookMs: number): void {
    this.#warnings.push(...warnings.filter((warning) => !this.#warnings.some((known) => isSame(known, warning))));
    this.#stages.push({
      ...heading,
      ...(tried !== undefined && { tried }),
      status: warnings.length > 0 ? 'warning' : 'ok',
      text: [...text, ...warnings.flat()],
      ...(more !== undefined && { more }),
      tookMs,
    });
  }

  /** Records a failure. Returns it as a ProxyError for the caller to throw. */
  failed(heading: StageHeading, reason: unknown, tookMs: number): ProxyError {
    const error = ProxyError.from(reason);
    this.#labels ??= error.messages.labels;
    const more = error.moreMessages;
    this.#stages.push({
      ...heading,
      status: 'failed',
      text: error.adminMessages,
      ...(more.length > 0 && { more }),
      tookMs,
    });
    return error;
  }

  /** Adds findings, or replaces earlier ones. */
  add(findings: CommonDetails): void {
    this.#findings = { ...this.#findings, ...findings };
  }

  /**
   * Drops the warnings about these problems, because the failure names these problems as its cause. So the result names
   * each problem once.
   */
  dropWarnings(problems: readonly Message[]): void {
    this.#warnings = this.#warnings.filter(([problem]) => !problems.some((named) => isSame(named, problem)));
  }

  /** The result of a check that passed. */
  success(messages: readonly Message[]): CheckHealthResult {
    const summary = [...messages, ...this.#warnings.flat()];
    const line = render(summary, { labels: this.#labels });
    return { status: 'ok', message: line, details: this.#details(summary, line) };
  }

  /**
   * The result of a check that failed. Grafana shows the message as a title, and the details below it. Warnings of
   * earlier stages may name the cause, so they are added while the text has fewer than `MAX_SENTENCES` sentences.
   */
  failure(error: ProxyError): CheckHealthResult {
    const { code, summary, detail, advice } = error;
    const room = MAX_SENTENCES - sentenceCount(error.adminMessages);
    const { shown } = shortResult(this.#warnings.flat(), room);
    const warnings = shown.map((warning) => render(warning, { labels: this.#labels }));
    const cause = [detail, advice, ...warnings].filter((messages) => messages !== undefined).join(' ');
    const title: Message = { code: 'failure', values: { error: code, text: summary } };
    return { status: 'error', message: summary, details: { ...this.#details([title], cause), code } };
  }

  #details(summary: readonly Message[], line: string): HealthDetails {
    const verboseMessage = this.#stages.map((stage) => this.#lineOf(stage)).join('\n');
    return { message: line, verboseMessage, summary, stages: [...this.#stages], ...this.#findings };
  }

  /** For example `✔ Address (7 ms, TCP lake:50051): lake:50051 can be reached.` */
  #lineOf({ status, title, tried, text, more = [], tookMs }: HealthStage): string {
    const show = (part: Message | readonly Message[]) => render(part, { labels: this.#labels });
    const took = `${Math.round(tookMs)} ms${tried === undefined ? '' : `, ${show(tried)}`}`;
    return `${MARKS[status]} ${show(title)} (${took}): ${show([...text, ...more])}`;
  }
}

/** The result without details, for users who may not read details. */
export function briefResult({ status, details: { code, summary = [] } }: CheckHealthResult): CheckHealthResult {
  // The summary of a failure comes from the error catalogue, and contains no names. The summary of a success contains
  // the names of the server and the user.
  const brief = status === 'ok' ? [message('connected-briefly')] : summary;
  return {
    status,
    message: render(brief),
    details: { message: '', ...(code !== undefined && { code }), verboseMessage: '', summary: brief, stages: [] },
  };
}
