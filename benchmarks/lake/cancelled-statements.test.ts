/** Tests which cancelled queries count as late in the benchmark of late statements. */
import { LATE_AFTER_MS } from '../../proxy/lakehouse/instances/late-statements';
import { countCancelled } from './cancelled-statements';

const request = (code: string, stagesMs: Record<string, number>) => ({ code, stagesMs });

it('counts a cancelled query as late only if the server had its statement for longer than the limit', () => {
  const requests = [
    request('query_cancelled', { queue: 0, first_batch: LATE_AFTER_MS + 1 }),
    request('query_cancelled', { queue: 0, first_batch: 1000, receive: LATE_AFTER_MS - 999 }),
    request('query_cancelled', { queue: LATE_AFTER_MS + 1, first_batch: LATE_AFTER_MS }),
    request('query_cancelled', { queue: LATE_AFTER_MS + 1 }),
    request('ok', { first_batch: LATE_AFTER_MS + 1 }),
    request('query_timeout', { first_batch: LATE_AFTER_MS + 1 }),
  ];
  expect(countCancelled(requests)).toEqual({ cancelled: 4, late: 2 });
});
