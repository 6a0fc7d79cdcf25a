/** Texts of any column as JSON strings, written without a JavaScript string in between where they need no escapes. */
import { isUtf8 } from 'node:buffer';
import { type ByteSink } from './byte-sink';

const UTF8 = new TextDecoder();
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Appends the UTF-8 bytes from `start` to before `end` as a JSON string. Bytes that are no UTF-8 become U+FFFD. */
export function writeJsonText(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void {
  let isPlain = true;
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    isPlain &&= byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH;
    isAscii &&= byte < 0x80;
  }
  if (isPlain && (isAscii || isUtf8(bytes.subarray(start, end)))) {
    sink.byte(QUOTE);
    sink.copy(bytes, start, end);
    sink.byte(QUOTE);
  } else {
    sink.text(JSON.stringify(UTF8.decode(bytes.subarray(start, end))));
  }
}
