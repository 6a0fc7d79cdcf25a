/**
 * Rules for all pages of `docs/`: they repeat nothing, the index links to them, and they name only settings that exist.
 */
import { posix } from 'node:path';
import { INDEX_PAGE, pageFiles, readPageFile as read } from './page-files';
import { settingNames } from './settings-table';
import { OPERATOR_SETTINGS, operatorKeys } from './operator-settings';

const DECISIONS = 'docs/developer/decisions/';

const { pages: PAGES, moved: MOVED } = pageFiles();

function withoutCode(markdown: string): string {
  return markdown.replace(/^ *```[\s\S]*?^ *```$/gm, '');
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}

function headings(markdown: string): string[] {
  return withoutCode(markdown).match(/^#{1,6} .+$/gm) ?? [];
}

/** The header row of each table, without the alignment of its columns. */
function tableHeaders(markdown: string): string[] {
  const headers = withoutCode(markdown).matchAll(/^ *(\|.*\|)\n *\|[ :|-]+\|$/gm);
  return [...headers].map(([, header]) => header.replace(/ +/g, ' '));
}

/** Paragraphs and items of lists with at least 60 characters. */
function paragraphs(markdown: string): string[] {
  const parts = withoutCode(markdown).split(/\n(?:\s*\n|(?=\s*(?:[-*]|\d+\.) ))/);
  return parts
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter((part) => part.length >= 60 && !part.startsWith('|'));
}

describe('repetition', () => {
  it('is found', () => {
    const table = '| a   | b |\n| --- | - |\n| 1   | 2 |\n';
    const sentence = 'This sentence has more than sixty characters, so that it counts as a paragraph.';
    const markdown = `# A\n\n${sentence}\n\n${table}\n## B\n\n- ${sentence}\n- ${sentence}\n\n| a | b |\n| - | - |\n\n## B\n`;
    expect(repeated(headings(markdown))).toEqual(['## B']);
    expect(repeated(tableHeaders(markdown))).toEqual(['| a | b |']);
    expect(repeated(paragraphs(markdown))).toEqual([`- ${sentence}`]);
  });

  it.each([...PAGES, 'README.md', 'CHANGELOG.md'])('is not in %s', (page) => {
    const markdown = read(page);
    expect(repeated(headings(markdown))).toEqual([]);
    expect(repeated(tableHeaders(markdown))).toEqual([]);
    // Two errors may have the same remedy.
    expect(page === 'docs/errors.md' ? [] : repeated(paragraphs(markdown))).toEqual([]);
  });
});

describe('the index', () => {
  it('links to each page, apart from single decisions', () => {
    const linked = [...read(INDEX_PAGE).matchAll(/\]\(([^()\s#]+)/g)].map(([, target]) => posix.join('docs', target));
    const pages = PAGES.filter((page) => page !== INDEX_PAGE && !/decisions\/\d/.test(page));
    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

it('finds only links in pages at old addresses', () => {
  expect(MOVED).toContain('docs/queries.md');
  expect(MOVED.filter((page) => /^docs\/(?:user|admin|operator|developer)\//.test(page))).toEqual([]);
  expect(MOVED.filter((page) => read(page).split(/\s+/).length > 50)).toEqual([]);
  const folders = PAGES.map((page) => page.split('/')[1]);
  expect(new Set(folders)).toEqual(new Set(['README.md', 'errors.md', 'user', 'admin', 'operator', 'developer']));
});

describe('settings', () => {
  const pages = [...PAGES.filter((page) => !page.startsWith(DECISIONS)), 'README.md'];
  const keys = new Set(operatorKeys());
  const variables = new Set(OPERATOR_SETTINGS.flatMap((setting) => setting.variables));
  const names = settingNames();

  it.each(pages)('%s names only environment variables that exist', (page) => {
    const found = read(page).match(/\bGF_(?:PLUGIN|INSTANCE)_[A-Z_]*[A-Z]\b/g) ?? [];
    expect(found.filter((name) => !variables.has(name))).toEqual([]);
  });

  it.each(pages)('%s has only keys of the plugin in grafana.ini that exist', (page) => {
    const sections = [
      ...read(page).matchAll(/^ *\[plugin\.micromegas-micromegas-datasource\]\n((?: *[^[`\s].*\n)*)/gm),
    ];
    const found = sections.flatMap(([, body]) => [...body.matchAll(/^ *(\w+) =/gm)].map(([, key]) => key));
    expect(found.filter((key) => !keys.has(key))).toEqual([]);
  });

  it.each(pages)('%s names only settings of a data source that exist', (page) => {
    const found = [...read(page).matchAll(/`((?:oauth|tls|secureMetadata|secureSocks)[A-Z]\w*)`/g)].map(
      ([, name]) => name
    );
    expect(found.filter((name) => !names.has(name.replace(/\d+$/, '1')))).toEqual([]);
  });

  it.each(pages)('%s has in its examples only settings that exist', (page) => {
    const blocks = read(page).match(/^ *```(?:yaml|hcl)\n[\s\S]*?^ *```$/gm) ?? [];
    const bodies = blocks.flatMap((block) => [
      ...[...block.matchAll(/^( *)(?:secureJ|j)sonData:\n((?:\1 +.*\n)*)/gm)].map(([, , body]) => body),
      ...[...block.matchAll(/jsonencode\(\{([^}]*)\}/g)].map(([, body]) => body),
    ]);
    const found = bodies.flatMap((body) => [...body.matchAll(/^ +(\w+) *[:=]/gm)].map(([, name]) => name));
    expect(found.filter((name) => !names.has(name))).toEqual([]);
  });

  it('are found', () => {
    expect(names).toContain('oauthIssuer');
    expect(keys).toContain('allowed_hosts');
  });
});
