import { VariableFailures } from './variable-failures';

it('keeps the last 100 failures', () => {
  const failures = new VariableFailures();
  for (let n = 0; n <= 100; n++) {
    failures.record(`SELECT ${n}`, `Failure ${n}`);
  }
  expect(failures.messageOf('SELECT 0')).toBeUndefined();
  expect(failures.messageOf('SELECT 1')).toBe('Failure 1');
  expect(failures.messageOf('SELECT 100')).toBe('Failure 100');
});
