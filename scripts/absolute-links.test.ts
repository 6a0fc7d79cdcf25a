import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withAbsoluteLinks } from './absolute-links';

const PAGES = 'https://github.com/madesroches/micromegas/blob/main/grafana';
const FILES = 'https://raw.githubusercontent.com/madesroches/micromegas/main/grafana';

it.each([
  { name: 'a page', from: '[a](docs/a.md)', to: `[a](${PAGES}/docs/a.md)` },
  { name: 'a heading of a page', from: '[a](./docs/a.md#b)', to: `[a](${PAGES}/docs/a.md#b)` },
  { name: 'a picture', from: '![a: b](docs/a.png)', to: `![a: b](${FILES}/docs/a.png)` },
  { name: 'two links in a line', from: '[a](A.md), [b](B.md)', to: `[a](${PAGES}/A.md), [b](${PAGES}/B.md)` },
  { name: 'an absolute link', from: '[a](https://example.com/a.md)', to: '[a](https://example.com/a.md)' },
  { name: 'a heading of the same page', from: '[a](#b)', to: '[a](#b)' },
  { name: 'inline code', from: '`[a](a.md)` [a](a.md)', to: `\`[a](a.md)\` [a](${PAGES}/a.md)` },
  { name: 'a code block', from: '```\n[a](a.md)\n```\n', to: '```\n[a](a.md)\n```\n' },
])('converts $name', ({ from, to }) => {
  expect(withAbsoluteLinks(from)).toBe(to);
});

it.each(['README.md', 'CHANGELOG.md'])('leaves no relative link in %s', (page) => {
  const text = withAbsoluteLinks(readFileSync(join(__dirname, '..', page), 'utf8'));
  expect(text).toContain(`](${PAGES}/docs/`);
  expect(text.match(/\]\((?!https:\/\/|#)[^)]*\)/g)).toBeNull();
});
