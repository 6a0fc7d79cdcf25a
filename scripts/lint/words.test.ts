import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Runs an ECMAScript module in a separate process, because Jest cannot load it. @returns The JSON that it prints. */
function results<T>(program: string, inputs: readonly string[]): T[] {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    input: JSON.stringify(inputs),
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

/** Lints sources from stdin and prints the ids of the messages. */
const LINT = `
import { readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import parser from '@typescript-eslint/parser';
import { words } from './scripts/lint/words.mjs';
const config = {
  files: ['**/*.ts'],
  languageOptions: { parser },
  plugins: { local: { rules: { words } } },
  rules: { 'local/words': 'error' },
};
const idsOf = (source) => new Linter().verify(source, config, 'a.ts').map(({ messageId, fatal }) => (fatal ? 'fatal' : messageId));
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(idsOf)));
`;

const CASES: ReadonlyArray<[source: string, ids: string[]]> = [
  ['const answerOf = 1;', ['former']],
  ['class A { #doubts = 1; }', ['former']],
  ['class HTTPAnswer {}', ['former']],
  ['const gRPCAnswerOf = 1;', ['former']],
  ['const isXAnswer = 1;', ['former']],
  ['const A_HTTPS = 1, isHTTP2Server = 2;', []],
  ['const MAX_LEASES = 1;', ['former']],
  ['/** Refused by the server. */', ['former']],
  ['/** The code `provider_refused`, and ECONNREFUSED. */', []],
  ['export const textOf = 1;', ['exported']],
  ['export function shortText() {}', ['exported']],
  ['export class TextMap {}', ['exported']],
  ['export class SQLText {}', ['exported']],
  ['export interface TextEdit {}', ['exported']],
  ['export type ServerTexts = string;', ['exported']],
  ['export enum Text { A }', ['exported']],
  ['export const a = 1, MAX_TEXT_BYTES = 2;', ['exported']],
  ['const a = 1; export { a as textBytes };', ['exported']],
  ["export { TextTable } from './b';", ['exported']],
  ["export { TextTable as StringTable } from './b';", []],
  ['const textOf = 1;', []],
  ['export const contextOf = 1, CONTEXT_LINES = 2, queryContext = 3;', []],
  ['export function TextAreaSetting(text: string) {}', []],
  ['export interface Notice { text: string }', []],
  ["export type ColumnKind = 'text';", []],
];

it('reports former words, and `text` in exported names', () => {
  const sources = CASES.map(([source]) => source);
  const found = results<string[]>(LINT, sources);
  expect(sources.map((source, index) => [source, found[index]])).toEqual(CASES);
});

/** Reads pages from stdin and prints the lines with former words, which the project has replaced with others. */
const MARKDOWN = `
import { readFileSync } from 'node:fs';
import { formerWordsInMarkdown } from './scripts/lint/words.mjs';
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(formerWordsInMarkdown)));
`;

it('finds former words in the prose of Markdown', () => {
  const page = [
    'The code `provider_refused`, ECONNREFUSED and [a page](decisions/0010-answers.md) are names.',
    '```sql',
    "SELECT 'answer'",
    '```',
    '| The server answers | `a` |',
    '> It was **refused**.',
  ].join('\n');
  const [found] = results<string[]>(MARKDOWN, [page]);
  expect(found).toEqual([expect.stringMatching(/^5: "answer": write /), expect.stringMatching(/^6: "refus": write /)]);
});

it('finds no former word in the documentation', () => {
  const paths = globSync(['*.md', '{docs,demo,packages,provisioning,proxy,scripts,tests}/**/*.md'], {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules',
  }).sort();
  expect(paths).toContain('docs/user/sql.md');
  const found = results<string[]>(
    MARKDOWN,
    paths.map((path) => readFileSync(join(ROOT, path), 'utf8'))
  );
  expect(paths.flatMap((path, index) => found[index].map((line) => `${path}:${line}`))).toEqual([]);
});
