import { useLakehouse } from './lakehouse-fixture';

const fixture = useLakehouse();

it('lists each function once with its kind, and some functions with documentation', async () => {
  const rows = await fixture.client.rows('SELECT * FROM information_schema.routines');
  const names = rows.map((row) => row['routine_name']);
  expect(new Set(names).size).toBe(names.length);
  expect(rows).toContainEqual(expect.objectContaining({ routine_name: 'property_get', function_type: 'SCALAR' }));
  expect(rows).toContainEqual(
    expect.objectContaining({ routine_name: 'view_instance', function_type: 'TABLE', description: null })
  );
  expect(rows).toContainEqual(
    expect.objectContaining({
      routine_name: 'date_bin',
      syntax_example: 'date_bin(interval, expression[, origin_timestamp])',
      description: expect.stringContaining('start of the interval'),
    })
  );
});
