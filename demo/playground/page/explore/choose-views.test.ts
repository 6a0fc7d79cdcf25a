import { type DataFrame, type PreferredVisualisationType } from '@grafana/data';
import { chooseViews } from './choose-views';

interface Case {
  name: string;
  types: string[];
  preferred?: PreferredVisualisationType;
  expected: string[];
}

const cases: Case[] = [
  {
    name: 'shows one time field and numbers as graph and table',
    types: ['time', 'number', 'number'],
    expected: ['graph', 'table'],
  },
  { name: 'shows a frame with a string field as a table', types: ['time', 'number', 'string'], expected: ['table'] },
  { name: 'shows two time fields as a table', types: ['time', 'time', 'number'], expected: ['table'] },
  { name: 'shows logs if the frame prefers them', types: ['time', 'string'], preferred: 'logs', expected: ['logs'] },
  ...(['trace', 'nodeGraph', 'flamegraph'] as const).map((preferred) => ({
    name: `shows a ${preferred} if the frame prefers it`,
    types: ['string', 'number'],
    preferred,
    expected: [preferred],
  })),
  { name: 'shows a table if the frame prefers it', types: ['time', 'number'], preferred: 'table', expected: ['table'] },
  { name: 'shows nothing for a frame without fields', types: [], expected: [] },
];

it.each(cases)('$name', ({ types, preferred, expected }) => {
  const fields = types.map((type, index) => ({ name: `f${index}`, type, config: {}, values: [] }));
  const frame = { fields, length: 0, meta: { preferredVisualisationType: preferred } } as unknown as DataFrame;
  const views = Object.entries(chooseViews([frame])).filter(([, frames]) => frames.length > 0);
  expect(views.map(([view]) => view)).toEqual(expected);
});
