import { type DataFrame } from '@grafana/data';
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { growth } from '../../../tests/support/growth';
import { TailLines } from './tail-lines';

/** A frame of lines with these ids. */
function frameOf(ids: readonly string[]): DataFrame {
  return {
    length: ids.length,
    fields: [{ name: LOG_FIELDS.id, type: 'string', config: {}, values: ids }],
  } as DataFrame;
}

const rows = (frame: DataFrame) => [...Array(frame.length).keys()];

it('makes ids unique, also those of later responses', () => {
  const lines = new TailLines(4);
  lines.append(frameOf(['a', 'b']), [0, 1]);
  lines.append(frameOf(['a', 'a', 'c']), [0, 1, 2]);
  expect(lines.frame().fields[0].values).toEqual(['b', 'a', 'a-t2', 'c']);
  lines.append(frameOf(['a']), [0]);
  expect(lines.frame().fields[0].values).toEqual(['a', 'a-t2', 'c', 'a-t3']);
});

it('changes only the column `id`, and not another column whose name begins with `id`', () => {
  const values = [7, 7];
  const frame = { length: 2, fields: [{ name: 'id of user', type: 'number', config: {}, values }] } as never;
  const lines = new TailLines(4);
  lines.append(frame, [0, 1]);
  expect(lines.frame().fields[0].values).toEqual(values);
});

it('makes equal ids unique in linear time', async () => {
  const run = (frame: DataFrame) => new TailLines(frame.length).append(frame, rows(frame));
  expect(await growth(run, (length) => frameOf(Array<string>(length).fill('a')), 1000)).toBeLessThan(8);
});
