/**
 * Metrics of the process: the defaults of prom-client, the versions of the plugin and of Node.js, garbage collection
 * and the delay of the event loop.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import { PLUGIN_VERSION } from '../../base/version';

/** Replaced below: each scraper resets these metrics, and their timer takes CPU time even in an idle process. */
const EVENT_LOOP_DEFAULTS = ['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map(
  (part) => `nodejs_eventloop_lag${part}_seconds`
);
/**
 * Replaced below: prom-client counts one collection for each callback, and a callback may report dozens of collections.
 */
const GC_DEFAULT = 'nodejs_gc_duration_seconds';
/** The timer behind the replaced metrics ticks once per hour. */
const HOUR_MS = 3_600_000;

const GC_KINDS = new Map<unknown, string>([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** Seconds. */
const GC_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
const DELAY_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

function observeGarbageCollections(durations: Histogram<'kind'>): void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const detail: unknown = Reflect.get(entry, 'detail');
      const kind: unknown = typeof detail === 'object' && detail !== null ? Reflect.get(detail, 'kind') : undefined;
      durations.observe({ kind: GC_KINDS.get(kind) ?? 'other' }, entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
}

/** Registers the metrics. @returns The measurement of the event loop, to be started while queries run. */
export function collectProcessMetrics(register: Registry): EventLoopDelay {
  const registers = [register];
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: HOUR_MS });
  [...EVENT_LOOP_DEFAULTS, GC_DEFAULT].forEach((name) => register.removeSingleMetric(name));
  observeGarbageCollections(
    new Histogram({
      name: GC_DEFAULT,
      help: 'Duration of garbage collections, by kind: major, minor, incremental, weakcb.',
      labelNames: ['kind'],
      buckets: GC_BUCKETS,
      registers,
    })
  );
  new Gauge({
    name: 'micromegas_plugin_info',
    help: 'Always 1. The labels are the versions of the plugin and of Node.js.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: PLUGIN_VERSION, node: process.versions.node }, 1);
  const delays = new Histogram({
    name: 'micromegas_event_loop_delay_seconds',
    help: 'Delay of timers, measured every 20 ms while queries run.',
    buckets: DELAY_BUCKETS,
    registers,
  });
  return new EventLoopDelay({
    observe: (seconds) => delays.observe(seconds),
    elapsedMs: () => performance.now(),
  });
}

/** Milliseconds between two ticks. */
const INTERVAL_MS = 20;
/** Maximum number of missed ticks that count for one delay: the ticks of ten seconds. */
const MOST_MISSED_TICKS = 500;

interface EventLoopDelayDeps {
  /** Is called for each tick with its delay in seconds. */
  observe: (seconds: number) => void;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/**
 * Measures how late the event loop runs its timers while queries run. An idle process has no timer.
 * `monitorEventLoopDelay` of Node.js would wake an idle process 50 to 100 times per second.
 *
 * Call `start` when a query begins, and `stop` when the last running query has ended.
 */
export class EventLoopDelay {
  readonly #deps: EventLoopDelayDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: EventLoopDelayDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#timer === undefined) {
      this.#tickLater();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tickLater(): void {
    const dueMs = this.#deps.elapsedMs() + INTERVAL_MS;
    this.#timer = setTimeout(() => {
      this.#observe(Math.max(0, this.#deps.elapsedMs() - dueMs));
      this.#tickLater();
    }, INTERVAL_MS).unref();
  }

  /**
   * Also counts the ticks that the delay has prevented, as if an event had arrived every 20 ms during the delay. If a
   * long delay counted as a single tick, it would hardly change the percentiles.
   */
  #observe(delayMs: number): void {
    const missed = Math.min(Math.floor(delayMs / INTERVAL_MS), MOST_MISSED_TICKS);
    for (let tick = 0; tick <= missed; tick++) {
      this.#deps.observe((delayMs - tick * INTERVAL_MS) / 1000);
    }
  }
}
