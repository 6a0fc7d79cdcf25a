import { PlaygroundTemplateSrv } from './template-srv';

interface Case {
  name: string;
  template: string;
  expected: string;
}

function withVariables(): PlaygroundTemplateSrv {
  const templates = new PlaygroundTemplateSrv();
  templates.set({ name: 'one', values: ["it's"], multi: false, includeAll: false });
  templates.set({ name: 'many', values: ['a', 'b'], multi: true, includeAll: false });
  return templates;
}

const cases: Case[] = [
  { name: 'replaces a variable without braces', template: '<$one>', expected: "<it's>" },
  { name: 'replaces a variable in braces', template: '${one}x', expected: "it'sx" },
  { name: 'replaces a variable in double square brackets', template: '[[one]]', expected: "it's" },
  { name: 'encloses several values in braces', template: '$many', expected: '{a,b}' },
  { name: 'uses the format after the colon', template: '${many:csv}', expected: 'a,b' },
  { name: 'quotes a value for SQL', template: '${one:sqlstring}', expected: "'it''s'" },
  {
    name: 'does not change unknown names',
    template: '$__timeFilter(time) $other',
    expected: '$__timeFilter(time) $other',
  },
];

it.each(cases)('$name', ({ template, expected }) => {
  expect(withVariables().replace(template)).toBe(expected);
});

it('prefers scoped variables to those of the page', () => {
  expect(withVariables().replace('$one', { one: { text: 'x', value: 'x' } })).toBe('x');
});

it('passes value and variable to a custom format', () => {
  const format = jest.fn(() => 'formatted');
  expect(withVariables().replace('$many', {}, format)).toBe('formatted');
  expect(format).toHaveBeenCalledWith(
    ['a', 'b'],
    expect.objectContaining({ name: 'many', multi: true }),
    expect.anything()
  );
});
