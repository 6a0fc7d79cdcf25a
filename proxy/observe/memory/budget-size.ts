/**
 * Chooses the size of the memory budget: the operator's setting, or a share of the memory that the process may use.
 *
 * Grafana and the backend often share one container. The default leaves enough memory for Grafana, which holds a second
 * copy of each result.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type Environment } from '../../base/environment';
import { type Logger } from '../logging/logger';

const MIB = 1024 * 1024;
/** The default size of the budget is this share of the memory, but at least `LEAST_BYTES` and at most `MOST_BYTES`. */
const SHARE = 0.25;
const LEAST_BYTES = 64 * MIB;
const MOST_BYTES = 4096 * MIB;

/** Minimum of the setting, in MiB. With a smaller budget, most results would be truncated. */
const LEAST_SETTING_MB = 16;

/** Share of JavaScript's heap for the objects of results. The rest is for temporary objects and garbage. */
const HEAP_SHARE = 0.35;

/**
 * Grafana sets this variable to the value of `memory_budget_mb` in the plugin's section of Grafana's configuration
 * file.
 */
const VARIABLE = 'GF_PLUGIN_MEMORY_BUDGET_MB';

/** The memory that the process may use. */
export interface Machine {
  /** Memory of the machine or its container, in bytes. */
  memoryBytes: number;
  /** Limit of JavaScript's heap in bytes, see `--max-old-space-size`. */
  heapBytes: number;
}

/** The machine or container of this process. */
export function thisMachine(): Machine {
  // 0 and numbers larger than the machine's memory mean "no limit".
  const container = process.constrainedMemory();
  const whole = totalmem();
  return {
    memoryBytes: container > 0 && container < whole ? container : whole,
    heapBytes: getHeapStatistics().heap_size_limit,
  };
}

interface BudgetSize {
  totalBytes: number;
  /** The part of the budget that JavaScript objects may take. */
  heapBytes: number;
}

/** The size of the memory budget. @param env Environment of the process. An invalid setting is logged and ignored. */
export function budgetSize(env: Environment, machine: Machine, logger: Pick<Logger, 'error'>): BudgetSize {
  const share = Math.floor(machine.memoryBytes * SHARE);
  const totalBytes = settingBytes(env, logger) ?? Math.min(Math.max(share, LEAST_BYTES), MOST_BYTES);
  return { totalBytes, heapBytes: Math.min(totalBytes, Math.floor(machine.heapBytes * HEAP_SHARE)) };
}

function settingBytes(env: Environment, logger: Pick<Logger, 'error'>) {
  const value = (env[VARIABLE] ?? '').trim();
  if (value === '') {
    return undefined;
  }
  const megabytes = Number(value);
  if (Number.isFinite(megabytes) && megabytes >= LEAST_SETTING_MB) {
    return Math.floor(megabytes * MIB);
  }
  logger.error(`memory_budget_mb is not a number of at least ${LEAST_SETTING_MB}, so it is ignored`, { value: value });
  return undefined;
}
