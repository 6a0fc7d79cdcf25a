/** Detects the format of an image from its first bytes. The format that the server reports is not used. */

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** Bytes of the longest signature, which is the signature of WebP. */
const SIGNATURE_BYTES = 12;

const SIGNATURES: ReadonlyArray<readonly [ImageType, (start: string) => boolean]> = [
  ['image/png', (start) => start.startsWith('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', (start) => start.startsWith('\xff\xd8\xff')],
  ['image/gif', (start) => start.startsWith('GIF87a') || start.startsWith('GIF89a')],
  ['image/webp', (start) => start.startsWith('RIFF') && start.slice(8) === 'WEBP'],
];

/** Returns the format. Undefined for other formats, including SVG and HTML, which can contain scripts. */
export function sniffImage(bytes: Uint8Array): ImageType | undefined {
  const start = Buffer.from(bytes.subarray(0, SIGNATURE_BYTES)).toString('latin1');
  return SIGNATURES.find(([, matches]) => matches(start))?.[0];
}

/** The extension of a file name, without the dot. */
export function extensionOf(type: ImageType): string {
  return type.slice('image/'.length).replace('jpeg', 'jpg');
}
