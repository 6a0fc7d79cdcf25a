/** A lakehouse for the tests of a file: with a fixed clock and one API key. No timer adds rows. */
import { type Lakehouse, startLakehouse } from './lakehouse';
import { TestClient } from './test-client';

const API_KEY = 'mmk_test-key';

export interface LakehouseFixture {
  /** Clock of the lakehouse, in milliseconds since 1970. Tests may change it. */
  clockMs: number;
  /** Available in tests and in `beforeEach`. */
  lakehouse: Lakehouse;
  /** Signed in with the key `tests`. */
  client: TestClient;
}

/** Starts and stops the lakehouse with Jest's hooks. @param startMs Start of its clock, in milliseconds since 1970. */
export function useLakehouse(startMs = Date.parse('2026-11-24T12:00:00Z')): LakehouseFixture {
  const fixture = { clockMs: startMs } as LakehouseFixture;
  beforeAll(async () => {
    const apiKeys = [{ name: 'tests', key: API_KEY }];
    fixture.lakehouse = await startLakehouse({ apiKeys, now: () => fixture.clockMs, grow: false });
    fixture.client = new TestClient(fixture.lakehouse.address, { authorization: `Bearer ${API_KEY}` });
  });
  afterAll(async () => {
    fixture.client.close();
    await fixture.lakehouse.close();
  });
  return fixture;
}
