import { type TypedCondition } from '../../../contract/builder/builder-state';
import { operatorOptions } from './condition-operators';

const labels = (condition: Partial<TypedCondition>) =>
  operatorOptions({ column: 'level', type: 'number', operator: '=', values: [], ...condition }).map(
    ({ label }) => label
  );

it('labels the operators of a log level with the severity of the levels that they match', () => {
  expect(labels({}).slice(0, 6)).toEqual([
    '=',
    '!=',
    '< (more severe)',
    '<= (or more severe)',
    '> (less severe)',
    '>= (or less severe)',
  ]);
});

it.each<[string, Partial<TypedCondition>]>([
  ['another column', { column: 'value' }],
  ['a property called level', { column: 'properties', property: 'level' }],
  ['a string column', { type: 'text' }],
])('adds no severity to the operators of %s', (_name, condition) => {
  expect(labels(condition).join(' ')).not.toContain('severe');
});

it('offers comparisons of size for a property, which may contain numbers, and not for a string column', () => {
  const sizes = expect.arrayContaining(['<', '<=', '>', '>=']);
  expect(labels({ column: 'properties', property: 'status', type: 'json' })).toEqual(sizes);
  expect(labels({ column: 'msg', type: 'text' })).not.toEqual(sizes);
});
