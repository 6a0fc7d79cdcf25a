import { MAX_KEY_CHARACTERS } from './string-map';

/**
 * `JSON.parse` for JSON from outside, in linear time. V8 hashes very long keys by their length only, so `JSON.parse`
 * needs quadratic time for many such keys. If a key, as it is written in the JSON, has 1,000 or more UTF-16 units, this
 * function truncates the key and appends a number.
 *
 * @throws {SyntaxError} For a string that is not JSON.
 */
export function parseJson(json: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  const bounded = json.length <= MAX_KEY_CHARACTERS ? json : withShortKeys(json);
  return reviver === undefined ? JSON.parse(bounded) : JSON.parse(bounded, reviver);
}

const COLON = /[ \t\n\r]*:/y;

function withShortKeys(json: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let open = json.indexOf('"'); open >= 0;) {
    const close = endOfString(json, open);
    if (close - open > MAX_KEY_CHARACTERS && isColonAt(json, close + 1)) {
      const key: string = JSON.parse(json.slice(open, close + 1));
      const shown = `${key.slice(0, MAX_KEY_CHARACTERS)}… (${parts.length / 2 + 1})`;
      parts.push(json.slice(copied, open), JSON.stringify(shown));
      copied = close + 1;
    }
    open = json.indexOf('"', close + 1);
  }
  return parts.length === 0 ? json : [...parts, json.slice(copied)].join('');
}

function isColonAt(json: string, at: number): boolean {
  COLON.lastIndex = at;
  return COLON.test(json);
}

/** Index of the closing quote of the string that begins at `open`. The length of `json` if the quote is missing. */
function endOfString(json: string, open: number): number {
  let close = json.indexOf('"', open + 1);
  while (close >= 0) {
    let at = close - 1;
    while (json[at] === '\\') {
      at--;
    }
    if ((close - at) % 2 === 1) {
      return close;
    }
    close = json.indexOf('"', close + 1);
  }
  return json.length;
}
