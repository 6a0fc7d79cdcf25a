/** Milliseconds until the URL of the file is revoked. Browsers need time to write hundreds of megabytes to the disk. */
const REVOKE_AFTER_MS = 60_000;

/**
 * Gives the browser a file to save, as a download. Browsers may read the content after the click, so the URL of the
 * file stays valid for a minute.
 */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
