/** Writes the tables of limits, with the values of the constants in the source files. */
import { type Constants } from './constants';
import { LIMIT_GROUPS } from './limits';
import { formatBytes, formatDuration, markdownTable, formatNumber, formatShare } from './markdown';

const PLACEHOLDER = /\{([\w/-]+)(?::(bytes|ms|share))?\}/g;
const FORMATS: Readonly<Record<string, (value: number) => string>> = {
  bytes: formatBytes,
  ms: formatDuration,
  share: formatShare,
};

/** @throws {Error} if a constant does not exist or is not a number. */
export function limitsTables(constants: Constants): string {
  const filled = (template: string) =>
    template.replace(PLACEHOLDER, (_, reference: string, unit = '') => {
      const format = FORMATS[unit] ?? formatNumber;
      return format(constants.valueOf(reference));
    });
  const namesIn = (template: string) =>
    [...template.matchAll(PLACEHOLDER)].map(([, name]) => `\`${name.split('/').at(-1)}\``);
  return LIMIT_GROUPS.map(({ title, limits }) => {
    const rows = limits.map(({ what, limit }) => [what, filled(limit), namesIn(limit).join(', ')]);
    return `## ${title}\n\n${markdownTable([title, 'Limit', 'Set by'], rows)}`;
  }).join('\n\n');
}
