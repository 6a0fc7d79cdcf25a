import { lifetimeOf, type ReceivedToken } from './token-lifetime';

const NOW_MS = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A token with a lifetime of five minutes, from a provider whose clock is ahead. */
function fresh(aheadMs: number, changes: Partial<ReceivedToken> = {}): ReceivedToken {
  const issuedMs = NOW_MS + aheadMs;
  return {
    receivedAtMs: NOW_MS,
    expiresInSeconds: 300,
    dateMs: issuedMs,
    description: { issuedMs, expiryMs: issuedMs + 5 * MINUTE },
    ...changes,
  };
}

describe.each([-DAY, -10 * MINUTE, 0, 10 * MINUTE, DAY])(
  'the clock of the provider, which is ahead by %d ms,',
  (aheadMs) => {
    const all = { lifetimeMs: 5 * MINUTE, providerTimeMs: NOW_MS + aheadMs };
    const { issuedMs = 0, expiryMs = 0 } = fresh(aheadMs).description;

    it.each<{ name: string; changes: Partial<ReceivedToken> }>([
      { name: 'all values', changes: {} },
      { name: 'no Date', changes: { dateMs: undefined } },
      { name: 'no Date and no iat', changes: { dateMs: undefined, description: { expiryMs } } },
      { name: 'no Date and no expires_in', changes: { dateMs: undefined, expiresInSeconds: undefined } },
      { name: 'no expires_in and no iat', changes: { expiresInSeconds: undefined, description: { expiryMs } } },
      { name: 'no Date, and an iat five minutes too early', changes: { dateMs: undefined, description: { issuedMs: issuedMs - 5 * MINUTE, expiryMs } } }, // prettier-ignore
    ])('does not change the lifetime of a response with $name', ({ changes }) => {
      expect(lifetimeOf(fresh(aheadMs, changes))).toEqual(all);
    });

    it('does not change the lifetime of an opaque token', () => {
      expect(lifetimeOf(fresh(aheadMs, { description: {} }))).toEqual(all);
    });
  }
);

it('uses the earlier of expires_in and exp', () => {
  expect(lifetimeOf(fresh(0, { expiresInSeconds: 3600 })).lifetimeMs).toBe(5 * MINUTE);
  expect(lifetimeOf(fresh(0, { expiresInSeconds: 3600, dateMs: undefined })).lifetimeMs).toBe(5 * MINUTE);
  expect(lifetimeOf(fresh(0, { expiresInSeconds: 60 })).lifetimeMs).toBe(MINUTE);
});

it("returns no lifetime for a token that has expired by the provider's clock", () => {
  const description = { issuedMs: NOW_MS - 10 * MINUTE, expiryMs: NOW_MS - 5 * MINUTE };
  expect(lifetimeOf(fresh(0, { description })).lifetimeMs).toBeLessThanOrEqual(0);
});

it.each([
  { name: 'no exp', description: {}, lifetimeMs: 5 * MINUTE },
  { name: 'an exp in the future', description: { expiryMs: NOW_MS + MINUTE }, lifetimeMs: MINUTE },
  // It is unknown which clock is wrong. The server decides.
  { name: 'an exp in the past', description: { expiryMs: NOW_MS - MINUTE }, lifetimeMs: 5 * MINUTE },
])('without Date and expires_in, estimates the lifetime: $name', ({ description, lifetimeMs }) => {
  const received = { receivedAtMs: NOW_MS, expiresInSeconds: undefined, dateMs: undefined, description };
  expect(lifetimeOf(received)).toEqual({ lifetimeMs, providerTimeMs: undefined });
});
