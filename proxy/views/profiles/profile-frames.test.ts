import { tableFromArrays } from 'apache-arrow';
import { type ProfileRequest } from '../../../contract/query-types/profile';
import { isRequestOf } from '../../../contract/query-types/view-request';
import { readerOf } from '../lake-reader/testing/reader';
import { profileFrames } from './profile-frames';

it.each(['', null])('reads %j as a missing field', async (missing) => {
  const fields = Object.fromEntries(['streamId', 'spans', 'beginNs', 'endNs', 'root'].map((name) => [name, missing]));
  const processId = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
  const request = { view: 'flame-graph', processId, ...fields } as unknown as ProfileRequest;
  expect(isRequestOf('profile', request)).toBe(true);
  const lake = readerOf(() => tableFromArrays({}));
  await expect(profileFrames(request, lake)).rejects.toMatchObject({ code: 'profile_not_available' });
});
