/** The request headers that Grafana passes to a plugin, without session cookies. */
import { type IncomingHttpHeaders } from 'node:http';

const FORWARDED = [
  'X-Datasource-Uid',
  'X-Plugin-Id',
  'X-Query-Group-Id',
  'X-Panel-Id',
  'X-Panel-Plugin-Id',
  'X-Panel-Title',
  'X-Dashboard-Uid',
  'X-Dashboard-Title',
  'X-Grafana-Org-Id',
  'X-Grafana-From-Expr',
];

function present(headers: IncomingHttpHeaders): Array<[string, string]> {
  return FORWARDED.flatMap((name) => {
    const value = headers[name.toLowerCase()];
    return typeof value === 'string' && value !== '' ? [[name, value] as [string, string]] : [];
  });
}

/** Headers of QueryData and CheckHealth. The names of these headers have the prefix `http_`. */
export function flatHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(present(headers).map(([name, value]) => [`http_${name}`, value]));
}

/** Headers of CallResource, without a prefix. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(present(headers));
}
