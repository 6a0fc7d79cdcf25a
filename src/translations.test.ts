/**
 * The keys of all translated strings. A tool that extracts them writes nested JSON, where each part of a key is an
 * object. So a key must not be a prefix of another one, and a key has only one default string.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'glob';

const FUNCTION = /\bt\(\s*'([^']+)',\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;
const COMPONENT = /<Trans i18nKey="([^"]+)">([^]*?)<\/Trans>/g;

interface Translation {
  key: string;
  message: string;
}

function translations(): Translation[] {
  const files = globSync('**/*.{ts,tsx}', { cwd: __dirname, ignore: ['**/*.test.*', 'testing/**'] });
  return files
    .map((file) => readFileSync(join(__dirname, file), 'utf8'))
    .flatMap((source) => [...source.matchAll(FUNCTION), ...source.matchAll(COMPONENT)])
    .map(([, key = '', message = '']) => ({
      key,
      message: message.replace(/\s+/g, ' ').replace(/^['" ]|['" ]$/g, ''),
    }));
}

const all = translations();
const keys = [...new Set(all.map(({ key }) => key))].sort();

it('finds the strings of the plugin', () => {
  expect(keys.length).toBeGreaterThan(150);
});

it('has keys of lower-case words with dots and hyphens', () => {
  expect(keys.filter((key) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(key))).toEqual([]);
});

it('has no key that is a prefix of another', () => {
  expect(keys.filter((key) => keys.some((other) => other.startsWith(`${key}.`)))).toEqual([]);
});

it('has one default string per key', () => {
  const messages = new Map(all.map(({ key, message }) => [key, message]));
  expect(all.filter(({ key, message }) => messages.get(key) !== message)).toEqual([]);
});
