/**
 * The operator's list of hosts that data sources may connect to: `lake.example.com`, `*.example.com` and IPv6 addresses
 * in brackets, each with an optional `:port`.
 */
import { isIPv6 } from 'node:net';
import { isPort } from '../../../contract/problems/settings-problems';
import { bareHost } from '../../../contract/settings/host';

interface HostRule {
  /** The name in lower case. For a wildcard, the part after `*`, including its dot. */
  name: string;
  isWildcard: boolean;
  /** Undefined: any port. */
  port?: number;
}

/** Lower case, without the trailing dot of a name, and with IPv6 addresses in their shortest form. */
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
  if ((address !== undefined && !isIPv6(address)) || (port !== undefined && !isPort(port))) {
    return undefined;
  }
  const isWildcard = wildcard !== undefined;
  return { name: address === undefined ? `${isWildcard ? '.' : ''}${canonical(name)}` : canonical(address), isWildcard, port }; // prettier-ignore
}

/** The rules of the list, and its invalid entries. */
export interface AllowedHosts {
  /** False: every host is allowed. */
  isRestricted: boolean;
  /** Compares names without regard to case and a trailing dot. Does not resolve names. */
  allows(host: string, port: number): boolean;
  /** Invalid entries. They allow nothing. */
  unreadable: readonly string[];
}

/**
 * Reads the operator's list.
 *
 * @param list Separated by commas or white space. Blank or undefined: every host is allowed.
 */
export function readAllowedHosts(list: string | undefined): AllowedHosts {
  if (list === undefined || list.trim() === '') {
    return { isRestricted: false, allows: () => true, unreadable: [] };
  }
  const words = list.split(/[\s,]+/).filter((word) => word !== '');
  // A list that consists only of separators is a mistake, and allows nothing.
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
