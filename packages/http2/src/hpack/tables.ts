/** The static and the dynamic table of header fields. Rules: RFC 7541, sections 2.3 and 4, appendix A. */
import { fieldBytes, type HeaderField } from './header-field.ts';

/** The static table in the order of its indexes. A space separates the name from the value. */
const FIELDS =
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|' +
  ':status 204|:status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|' +
  'accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|' +
  'authorization|cache-control|content-disposition|content-encoding|content-language|content-length|' +
  'content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|' +
  'if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|' +
  'proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|' +
  'strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

/** Indexes start at 1: the field with index n is at n - 1. */
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

/** The first index of a name in the static table, or 0. Fields with the same name have consecutive indexes. */
export function staticNameIndex(name: string): number {
  return FIRST_INDEX.get(name) ?? 0;
}

/** The index of a field in the static table, or 0. @param nameIndex The result of `staticNameIndex` for its name. */
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

/**
 * The fields that the peer's encoder added, oldest first. A table of the default size has at most 128 fields, so
 * removing the oldest with `shift` is fast.
 */
export class DynamicTable {
  #maxBytes: number;
  readonly #fields: HeaderField[] = [];
  #bytes = 0;

  /** @param maxBytes Limit for the sum of `fieldBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param age 1 for the newest field. @returns Undefined beyond the oldest field. */
  get(age: number): HeaderField | undefined {
    return this.#fields[this.#fields.length - age];
  }

  /**
   * A field larger than the table empties the table, and is not added. This is not an error (RFC 7541, section 4.4).
   */
  add(field: HeaderField): void {
    const size = fieldBytes(field);
    this.#evictDownTo(this.#maxBytes - size);
    if (size <= this.#maxBytes) {
      this.#fields.push(field);
      this.#bytes += size;
    }
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictDownTo(maxBytes);
  }

  #evictDownTo(bytes: number): void {
    while (this.#bytes > bytes) {
      const oldest = this.#fields.shift();
      if (oldest === undefined) {
        return;
      }
      this.#bytes -= fieldBytes(oldest);
    }
  }
}
