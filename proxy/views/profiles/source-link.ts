/** Links from a function to its source code. The data source settings contain the template of the URL. */
import { type FieldConfig } from '../../frames/data-frames/column-display';

/** Name of the hidden field with the addresses. */
export const SOURCE_FIELD = 'source';

/** Matches characters that a browser would not show, such as line breaks. */
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * The address of a line of source code.
 *
 * @param template A URL with `{file}`, and perhaps `{line}`, both after the host.
 * @param file A path with slashes or backslashes. The path comes from telemetry. It is encoded, so it cannot change
 *   other parts of the address.
 * @returns Undefined if the file is empty or has control characters, or if the address is not `http` or `https`.
 */
export function sourceAddress(template: string, file: string, line: number): string | undefined {
  const segments = file.split(/[\\/]/).filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (segments.length === 0 || CONTROL.test(file)) {
    return undefined;
  }
  const path = segments.map(encoded).join('/');
  const address = template.replaceAll(/\{file\}|\{line\}/g, (name) => (name === '{file}' ? path : String(line)));
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? address : undefined;
}

function encoded(segment: string): string {
  // A lone surrogate cannot be encoded.
  return encodeURIComponent(segment.toWellFormed());
}

/** Display options that link each value of a field to the address in the field `SOURCE_FIELD` of the same row. */
export const SOURCE_LINK: FieldConfig = {
  links: [{ title: 'Source', url: `\${__data.fields["${SOURCE_FIELD}"]:raw}`, targetBlank: true }],
};
