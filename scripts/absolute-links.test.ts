import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_URL } from '../contract/repository';
import { picturesOf, withAbsoluteLinks } from './absolute-links';

const PICTURES = '../public/plugins/micromegas-micromegas-datasource/img';

it.each([
  { name: 'a page', from: '[a](docs/a.md)', to: `[a](${PROJECT_URL}docs/a.md)` },
  { name: 'a heading of a page', from: '[a](./docs/a.md#b)', to: `[a](${PROJECT_URL}docs/a.md#b)` },
  { name: 'a picture', from: '![a: b](docs/a.png)', to: `<img src="${PICTURES}/a.png" alt="a: b" />` },
  { name: 'special HTML characters in the alt text of a picture', from: '![<"&](a.png)', to: `<img src="${PICTURES}/a.png" alt="&lt;&quot;&amp;" />` }, // prettier-ignore
  {
    name: 'a picture with an absolute URL',
    from: '![a](https://example.com/a.png)',
    to: '![a](https://example.com/a.png)',
  },
  { name: 'two links in a line', from: '[a](A.md), [b](B.md)', to: `[a](${PROJECT_URL}A.md), [b](${PROJECT_URL}B.md)` },
  { name: 'an absolute link', from: '[a](https://example.com/a.md)', to: '[a](https://example.com/a.md)' },
  { name: 'a heading of the same page', from: '[a](#b)', to: '[a](#b)' },
  { name: 'inline code', from: '`[a](a.md)` [a](a.md)', to: `\`[a](a.md)\` [a](${PROJECT_URL}a.md)` },
  { name: 'a code block', from: '```\n[a](a.md)\n```\n', to: '```\n[a](a.md)\n```\n' },
])('handles $name', ({ from, to }) => {
  expect(withAbsoluteLinks(from)).toBe(to);
});

it.each(['README.md', 'CHANGELOG.md'])('leaves no relative link to another file in %s', (page) => {
  const markdown = withAbsoluteLinks(readFileSync(join(__dirname, '..', page), 'utf8'));
  expect(markdown).toContain(`](${PROJECT_URL}docs/`);
  expect(markdown.match(/\]\((?!https:\/\/|#)[^)]*\)/g)).toBeNull();
});

it('returns the pictures that the package needs', () => {
  expect(picturesOf('![a](docs/a.png) `![b](b.png)` [c](c.png) ![d](https://example.com/d.png)')).toEqual([
    'docs/a.png',
  ]);
  const pictures = picturesOf(readFileSync(join(__dirname, '../README.md'), 'utf8'));
  expect(pictures).not.toEqual([]);
  expect(pictures.filter((path) => !existsSync(join(__dirname, '..', path)))).toEqual([]);
});
