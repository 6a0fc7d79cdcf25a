/** The order of a search for traces. */
import { type TracesRequest } from './traces';

/** Which traces come first: the newest, those with failed spans, or those with the longest matching span. */
export type TraceOrder = 'newest' | 'failed' | 'slowest';

/** The order that the request asks for. */
export function traceOrder({ failedFirst, slowestFirst }: TracesRequest): TraceOrder {
  return slowestFirst ? 'slowest' : failedFirst ? 'failed' : 'newest';
}
