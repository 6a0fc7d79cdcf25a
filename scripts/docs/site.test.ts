import { pageFiles, readPageFile } from './page-files';
import { PROJECT_URL } from '../../contract/repository';
import { movedPages, rewrites, sidebar, siteLink, sitePictures, usePluginMarkdown, withoutExpressions } from './site';

describe('links', () => {
  it.each([
    { name: 'a page', target: 'logs.md#live-tail', expected: 'logs.md#live-tail' },
    { name: 'the index', target: '../README.md', expected: '../index.md' },
    { name: 'decisions', target: '../developer/decisions/README.md', expected: '../developer/decisions/index.md' },
    { name: 'a heading of the page', target: '#macros', expected: '#macros' },
    { name: 'another site', target: 'https://example.com/a.md', expected: 'https://example.com/a.md' },
    {
      name: 'a file of the repository',
      target: '../../CONTRIBUTING.md#rules',
      expected: `${PROJECT_URL}CONTRIBUTING.md#rules`,
    },
    { name: 'a folder', target: '../../deploy/', expected: `${PROJECT_URL}deploy/` },
  ])('converts a link to $name for the site', ({ target, expected }) => {
    expect(siteLink('docs/user/sql.md', target)).toBe(expected);
  });
});

it('shows the picture that fits the theme of the site', () => {
  const html =
    '<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="../a-dark.png">\n  <img alt="A" src="../a.png">\n</picture>';
  expect(sitePictures(html)).toBe(
    '<img class="picture-light" alt="A" src="../a.png"><img class="picture-dark" alt="A" src="../a-dark.png">'
  );
  expect(sitePictures('<b>text</b>')).toBe('<b>text</b>');
});

it('adapts each <picture> of the pages', () => {
  const pages = pageFiles()
    .pages.map(readPageFile)
    .filter((page) => page.includes('<picture>'));
  expect(pages.length).toBeGreaterThan(4);
  expect(pages.filter((text) => sitePictures(text).includes('<picture>'))).toEqual([]);
});

it('escapes braces, which Vue would evaluate as an expression', () => {
  expect(withoutExpressions('{{exe}} on {{computer}}')).not.toContain('{{');
});

describe('the menu', () => {
  const links = sidebar().flatMap(({ link, items = [] }) => [link, ...items.map((item) => item.link)]);

  it('has no page twice', () => {
    const found = links.filter((link) => link !== undefined);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(['/', '/errors.html', '/user/sql.html', '/developer/decisions/']));
  });

  it('lists Explore before SQL, and the installation before sign-in', () => {
    expect(links.indexOf('/user/explore.html')).toBeLessThan(links.indexOf('/user/sql.html'));
    expect(links.indexOf('/admin/installation.html')).toBeLessThan(links.indexOf('/admin/sign-in.html'));
  });
});

it('leaves out pages with old addresses, and makes README.md the index page of its folder', () => {
  expect(movedPages()).toContain('queries.md');
  expect(rewrites()).toEqual({
    'README.md': 'index.md',
    'developer/decisions/README.md': 'developer/decisions/index.md',
  });
});

it('changes links and braces in the Markdown tokens of a page', () => {
  const token = (type: string, content: string, href: string | null = null, children: object[] | null = null) => ({
    type,
    content,
    children,
    attrGet: () => href,
    attrSet: (_: string, value: string) => void (href = value),
    href: () => href,
  });
  const link = token('link_open', '', '../../LICENSE');
  const rules: Array<(state: never) => void> = [];
  const md = {
    core: { ruler: { push: (_: string, rule: (state: never) => void) => void rules.push(rule) } },
    renderer: { rules: {} as Record<string, (tokens: object[], index: number) => string> },
    utils: { escapeHtml: (html: string) => html.replaceAll('<', '&lt;') },
  };
  usePluginMarkdown(md as never);
  rules[0]({
    tokens: [token('inline', '', null, [link])],
    env: { path: `${process.cwd()}/docs/user/sql.md` },
  } as never);
  expect(link.href()).toBe(`${PROJECT_URL}LICENSE`);
  expect(md.renderer.rules.code_inline([token('code_inline', '{{a<b}}')], 0)).toBe('<code>&#123;&#123;a&lt;b}}</code>');
});
