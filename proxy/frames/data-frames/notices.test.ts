import { Notices } from './notices';

const NOTICE = { one: 'is odd.', several: 'are odd.' };

interface Case {
  name: string;
  columns: string[];
  message: string;
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

const cases: Case[] = [
  { name: 'one column', columns: ['a'], message: 'Column "a" is odd.' },
  { name: 'one column twice', columns: ['a', 'a'], message: 'Column "a" is odd.' },
  { name: 'two columns', columns: ['a', 'b'], message: 'Columns "a" and "b" are odd.' },
  {
    name: 'ten columns',
    columns: named(10),
    message: 'Columns "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8" and "c9" are odd.',
  },
  {
    name: 'ten of thousands of columns, and the number of further columns',
    columns: named(5000),
    message: 'Columns "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9" and 4990 more are odd.',
  },
  {
    name: 'one column with a long name, which is truncated',
    columns: ['x'.repeat(1e6)],
    message: `Column "${'x'.repeat(99)}…" is odd.`,
  },
];

it.each(cases)('joins the columns with the same notice in one notice: $name', ({ columns, message }) => {
  const notices = new Notices();
  columns.forEach((column) => notices.infoAboutColumn(column, NOTICE));
  expect(notices.list).toEqual([{ severity: 'info', text: message }]);
});

it('changes its revision when the list changes, and only then', () => {
  const notices = new Notices([{ severity: 'info', text: 'before' }]);
  const revisions = [
    () => undefined,
    () => notices.warn('a'),
    () => notices.warn('a'),
    () => notices.infoAboutColumn('n', NOTICE),
    () => notices.infoAboutColumn('n', NOTICE),
    () => notices.infoAboutColumn('m', NOTICE),
  ].map((change) => {
    change();
    return notices.revision;
  });
  expect(revisions).toEqual([0, 1, 1, 2, 2, 3]);
});

it('returns one notice per severity, because a panel shows only the last notice of each severity', () => {
  const notices = new Notices([{ severity: 'warning', text: 'First.' }]);
  notices.info('Alone.');
  notices.warn('Second.');
  expect(notices.list).toEqual([
    { severity: 'warning', text: '• First.\n• Second.' },
    { severity: 'info', text: 'Alone.' },
  ]);
});

it.each([
  { count: 51, message: '1 more notice is not shown.' },
  { count: 60, message: '10 more notices are not shown.' },
  { count: 5000, message: '100 or more further notices are not shown.' },
])('counts the different notices that exceed the limit: $message', ({ count, message }) => {
  const notices = new Notices();
  named(count).forEach((name) => notices.warn(name));
  named(count).forEach((name) => notices.warn(name));
  const [warnings, dropped] = notices.list;
  expect(warnings.text.split('\n')).toHaveLength(50);
  expect(dropped).toEqual({ severity: 'info', text: message });
});
