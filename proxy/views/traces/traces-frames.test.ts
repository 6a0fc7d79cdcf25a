import { type TracesRequest } from '../../../contract/query-types/traces';
import { isRequestOf } from '../../../contract/query-types/view-request';
import { tracesFrames } from './traces-frames';
import { fakeLake, fakeProcesses } from './testing/fake-lake';

it.each(['', null])('treats fields with the value %j as missing', async (missing) => {
  const names = ['services', 'operations', 'kinds', 'statuses', 'minDurationMs', 'maxDurationMs', 'attributes'];
  const fields = Object.fromEntries([...names, 'traceId', 'processId', 'limit'].map((name) => [name, missing]));
  const request = { view: 'search', ...fields } as unknown as TracesRequest;
  expect(isRequestOf('traces', request)).toBe(true);
  const [frame] = await tracesFrames(request, fakeLake(fakeProcesses(3)));
  expect(frame.fields[0].values).toHaveLength(3);
});
