/** What the stages of a health check share. */
import { type MemoryAccount } from '../../memory/memory-account';
import { type HealthInstance } from './health-instance';
import { type HealthReport } from './health-report';
import { type TestQuery } from './pending-proofs';

export interface StageContext {
  report: HealthReport;
  instance: HealthInstance;
  /** Milliseconds since 1970. */
  now: () => number;
  signal: AbortSignal;
  /** Of the check, for what the server answers. */
  memory: MemoryAccount;
  /**
   * False for those who are told the result only. Their check takes the token that is there and asks nothing beyond
   * whether queries run, so that it costs the provider and the server little however often it is asked for.
   */
  isThorough: boolean;
  /** Keeps the test query, so that its audit record can be read later. @returns Its id; undefined for who may not read it. */
  keepProof: (query: TestQuery) => string | undefined;
}
