/** The fields that both sides know from the start. Rules: RFC 7541 appendix A. */
import { type HeaderField } from './header-field.ts';

/** In the order of their indexes. A space ends the name where the field has a value. */
const FIELDS =
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|' +
  ':status 204|:status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|' +
  'accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|' +
  'authorization|cache-control|content-disposition|content-encoding|content-language|content-length|' +
  'content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|' +
  'if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|' +
  'proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|' +
  'strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

/** The field of index n is at n - 1: indexes start at 1. */
export const STATIC_FIELDS: readonly HeaderField[] = FIELDS.split('|').map((field) => {
  const space = field.indexOf(' ');
  return space < 0 ? [field, ''] : [field.slice(0, space), field.slice(space + 1)];
});

const FIRST_INDEX = new Map<string, number>();
STATIC_FIELDS.forEach(([name], at) => {
  if (!FIRST_INDEX.has(name)) {
    FIRST_INDEX.set(name, at + 1);
  }
});

/** The first index of a name, or 0. Fields of one name follow each other. */
export function staticNameIndex(name: string): number {
  return FIRST_INDEX.get(name) ?? 0;
}

/** The index of the whole field, or 0. @param nameIndex what `staticNameIndex` found for its name */
export function staticFieldIndex([name, value]: HeaderField, nameIndex: number): number {
  for (let index = nameIndex; index > 0; index++) {
    const known = STATIC_FIELDS[index - 1];
    if (known === undefined || known[0] !== name) {
      return 0;
    }
    if (known[1] === value) {
      return index;
    }
  }
  return 0;
}
