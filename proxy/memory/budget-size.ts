/**
 * How large the memory budget is: what the operator says, else a share of the memory that the process may use.
 *
 * Grafana and the proxy often share one container, so the share is small enough to leave Grafana room, which holds each
 * answer once more while it decodes it.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type Logger } from '../logging/logger';

const MIB = 1024 * 1024;
const SHARE = 0.25;
const LEAST_BYTES = 64 * MIB;
const MOST_BYTES = 4096 * MIB;

/** Below this hardly any answer fits. */
const LEAST_SETTING_MB = 16;

/** Share of JavaScript's heap for what answers keep there. The rest is for the work itself, and for its garbage. */
const HEAP_SHARE = 0.35;

/** Key `memory_budget_mb` of the plugin's section in Grafana's ini. */
const VARIABLE = 'GF_PLUGIN_MEMORY_BUDGET_MB';

export interface Machine {
  /** Bytes that the process may use, of the machine or its container. */
  memoryBytes: number;
  /** Limit of JavaScript's heap, as `--max-old-space-size` sets it. */
  heapBytes: number;
}

/** The machine or container that this process runs in. */
export function thisMachine(): Machine {
  // 0 and huge numbers both stand for "no limit".
  const container = process.constrainedMemory();
  const whole = totalmem();
  return {
    memoryBytes: container > 0 && container < whole ? container : whole,
    heapBytes: getHeapStatistics().heap_size_limit,
  };
}

export interface BudgetSize {
  totalBytes: number;
  /** Part of it that may be JavaScript objects. */
  heapBytes: number;
}

/** @param env Of the process: Grafana hands on the keys of the plugin's section as `GF_PLUGIN_…`. */
export function budgetSize(
  env: Readonly<Record<string, string | undefined>>,
  machine: Machine,
  logger: Pick<Logger, 'error'>
): BudgetSize {
  const share = Math.floor(machine.memoryBytes * SHARE);
  const totalBytes = settingBytes(env, logger) ?? Math.min(Math.max(share, LEAST_BYTES), MOST_BYTES);
  return { totalBytes, heapBytes: Math.min(totalBytes, Math.floor(machine.heapBytes * HEAP_SHARE)) };
}

function settingBytes(env: Readonly<Record<string, string | undefined>>, logger: Pick<Logger, 'error'>) {
  const text = (env[VARIABLE] ?? '').trim();
  if (text === '') {
    return undefined;
  }
  const megabytes = Number(text);
  if (Number.isFinite(megabytes) && megabytes >= LEAST_SETTING_MB) {
    return Math.floor(megabytes * MIB);
  }
  logger.error(`memory_budget_mb is no number of at least ${LEAST_SETTING_MB}, and is not used`, { value: text });
  return undefined;
}
