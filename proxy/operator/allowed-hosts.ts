/**
 * The hosts that data sources may connect to, as an operator lists them: `lake.example.com`, `*.example.com`, either with
 * `:port`, and IPv6 addresses in brackets.
 */
import { isIPv6 } from 'node:net';
import { bareHost } from '../../contract/host';

interface HostRule {
  /** In lower case; for a wildcard what follows the `*`, with its dot. */
  name: string;
  isWildcard: boolean;
  /** Undefined: any. */
  port?: number;
}

/** Names differ in case and a dot at the end, IPv6 addresses in the zeros that are written. */
function canonical(host: string): string {
  const name = bareHost(host.toLowerCase());
  if (isIPv6(name) && URL.canParse(`http://[${name}]/`)) {
    return new URL(`http://[${name}]/`).hostname.slice(1, -1);
  }
  return name.replace(/\.$/, '');
}

const ENTRY = /^(?:\[([0-9a-f:.]+)\]|(\*\.)?([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?))(?::(\d{1,5}))?$/i;

function readEntry(entry: string): HostRule | undefined {
  const match = ENTRY.exec(entry);
  if (match === null) {
    return undefined;
  }
  const [, address, wildcard, name = '', digits] = match;
  const port = digits === undefined ? undefined : Number(digits);
  if ((address !== undefined && !isIPv6(address)) || (port !== undefined && (port < 1 || port > 65535))) {
    return undefined;
  }
  const isWildcard = wildcard !== undefined;
  return { name: address === undefined ? `${isWildcard ? '.' : ''}${canonical(name)}` : canonical(address), isWildcard, port }; // prettier-ignore
}

export interface AllowedHosts {
  /** False while every host is allowed. */
  isRestricted: boolean;
  allows(host: string, port: number): boolean;
  /** Entries that cannot be read, and therefore allow nothing. */
  unreadable: readonly string[];
}

/** @param list Separated by commas or white space. Blank or undefined: every host is allowed. */
export function readAllowedHosts(list: string | undefined): AllowedHosts {
  if (list === undefined || list.trim() === '') {
    return { isRestricted: false, allows: () => true, unreadable: [] };
  }
  const words = list.split(/[\s,]+/).filter((word) => word !== '');
  // Nothing but separators is a list that came out empty by mistake, and opens nothing.
  const entries = words.length === 0 ? [list] : words;
  const rules = entries.flatMap((entry) => readEntry(entry) ?? []);
  return {
    isRestricted: true,
    allows(host, port) {
      const name = canonical(host);
      return rules.some(
        (rule) =>
          (rule.isWildcard ? name.endsWith(rule.name) && name !== rule.name : name === rule.name) &&
          (rule.port === undefined || rule.port === port)
      );
    },
    unreadable: entries.filter((entry) => readEntry(entry) === undefined),
  };
}
