/** @jest-environment jsdom */
import { createDataFrame, dateTime, type Field, FieldType } from '@grafana/data';
import { withLinkRanges } from './link-ranges';

const RANGE = { from: dateTime(1000), to: dateTime(61_000), raw: { from: 'now-1m', to: 'now' } };
const internal = { datasourceUid: 'lake', datasourceName: 'Lake', query: { refId: 'A' } };

function fieldWith(config: Field['config']): Field {
  const frame = createDataFrame({ fields: [{ name: 'process_id', type: FieldType.string, values: ['p'], config }] });
  return withLinkRanges({ data: [frame] }, RANGE).data[0].fields[0];
}

it('adds the absolute range of the request to links to queries', () => {
  const { links, unit } = fieldWith({ unit: 'x', links: [{ title: 'a', url: '', internal }] }).config;
  expect(unit).toBe('x');
  expect(links).toMatchObject([
    { title: 'a', internal: { ...internal, range: { raw: { from: '1000', to: '61000' } } } },
  ]);
});

it('does not change links to URLs, links with a range, and fields without links', () => {
  const own = { ...RANGE, raw: { from: '5', to: '6' } };
  const links = [
    { title: 'a', url: '/a' },
    { title: 'b', url: '', internal: { ...internal, range: own } },
  ];
  expect(fieldWith({ links }).config.links).toEqual(links);
  expect(fieldWith({ unit: 'x' }).config).toEqual({ unit: 'x' });
});
