/** One lakehouse for a file of tests: a fixed clock, no growth, one API key. */
import { type Lakehouse, startLakehouse } from './lakehouse';
import { TestClient } from './test-client';

const API_KEY = 'mmk_test-key';

export interface LakehouseFixture {
  /** What the clock of the lakehouse says, in milliseconds since 1970; may be moved. */
  clockMs: number;
  /** Live from the first test on. */
  lakehouse: Lakehouse;
  /** Signed in with the key `tests`. */
  client: TestClient;
}

/** Registers start and end with jest. */
export function useLakehouse(): LakehouseFixture {
  const fixture = { clockMs: Date.parse('2026-11-24T12:00:00Z') } as LakehouseFixture;
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
