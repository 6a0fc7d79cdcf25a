import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A program of its own, because Jest loads no ECMAScript modules. It reads sources and writes the ids of messages. */
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
  ['const MAX_LEASES = 1;', ['former']],
  ['/** Refused by the server. */', ['former']],
  ['/** The code `provider_refused`, and ECONNREFUSED. */', []],
  ['export const textOf = 1;', ['exported']],
  ['export function shortText() {}', ['exported']],
  ['export class TextMap {}', ['exported']],
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

it('reports former words, and exported names with words that are left to local ones', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', LINT], {
    cwd: join(__dirname, '..', '..'),
    input: JSON.stringify(CASES.map(([source]) => source)),
    encoding: 'utf8',
  });
  const found: string[][] = JSON.parse(output);
  expect(CASES.map(([source], index) => [source, found[index]])).toEqual(CASES);
});
