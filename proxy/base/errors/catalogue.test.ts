import { ERRORS, type ErrorEntry } from './catalogue';

const entries: Array<[string, ErrorEntry]> = Object.entries(ERRORS);

it.each(entries)('%s has full sentences and an error status', (_code, entry) => {
  expect(entry.message).toMatch(/^[A-Z].*\.$/);
  expect(entry.advice).toMatch(/^[A-Z].*\.$/);
  expect(entry.status).toBeGreaterThanOrEqual(400);
  expect(entry.status).toBeLessThanOrEqual(599);
});
