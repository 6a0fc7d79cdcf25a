/** Decides which traces are recorded. */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  type Sampler,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { type SamplerSettings } from './tracing-settings';

/** Records `perSecond` traces per second on average. After a second without traces, as many may start at once. */
class RateLimitingSampler implements Sampler {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #capacity: number;
  #available: number;
  #lastMs: number;

  /** @param now Milliseconds of a monotonic clock. */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#capacity = perSecond === 0 ? 0 : Math.max(perSecond, 1);
    this.#available = this.#capacity;
    this.#lastMs = now();
  }

  shouldSample(): SamplingResult {
    const nowMs = this.#now();
    this.#available = Math.min(this.#capacity, this.#available + ((nowMs - this.#lastMs) / 1000) * this.#perSecond);
    this.#lastMs = nowMs;
    if (this.#available < 1) {
      return { decision: SamplingDecision.NOT_RECORD };
    }
    this.#available -= 1;
    return { decision: SamplingDecision.RECORD_AND_SAMPLED };
  }

  toString(): string {
    return `RateLimitingSampler{${this.#perSecond}}`;
  }
}

/** A sampler that follows the decision of Grafana. The settings apply to traces that start in the backend. */
export function createSampler(settings: SamplerSettings, now: () => number): Sampler {
  return new ParentBasedSampler({ root: rootSampler(settings, now) });
}

function rootSampler(settings: SamplerSettings, now: () => number): Sampler {
  switch (settings.kind) {
    case 'always':
      return new AlwaysOnSampler();
    case 'never':
      return new AlwaysOffSampler();
    case 'share':
      return new TraceIdRatioBasedSampler(settings.share);
    case 'rate':
      return new RateLimitingSampler(settings.perSecond, now);
  }
}
