/**
 * SQL as tokens, for completion: just enough to tell words, names, literals and comments apart. Text that is cut off
 * in the middle, as it always is while one types, gives a last token that is `open`.
 */

export interface Token {
  kind: 'word' | 'quoted-name' | 'string' | 'comment' | 'placeholder' | 'symbol';
  text: string;
  start: number;
  /** Offset behind the last character. */
  end: number;
  /** True for a string, name or comment that has no end. */
  open: boolean;
}

const PATTERNS: ReadonlyArray<[Token['kind'], RegExp]> = [
  ['comment', /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['string', /'[^']*(?:''[^']*)*(?:'|$)/y],
  ['quoted-name', /"[^"]*(?:""[^"]*)*(?:"|$)/y],
  ['placeholder', /\$\{[^}\n]*\}?|\$\w*/y],
  ['word', /[\p{L}\p{N}_]+/uy],
  ['symbol', /\S/uy],
];

function isOpen(kind: Token['kind'], text: string): boolean {
  switch (kind) {
    case 'comment':
      return text.startsWith('--') || !(text.length >= 4 && text.endsWith('*/'));
    case 'string':
      return (text.match(/'/g) ?? []).length % 2 === 1;
    case 'quoted-name':
      return (text.match(/"/g) ?? []).length % 2 === 1;
    default:
      return false;
  }
}

/** Tokens of the text, in order, without white space. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < sql.length) {
    const token = tokenAt(sql, offset);
    if (token) {
      tokens.push(token);
    }
    offset = token ? token.end : offset + 1;
  }
  return tokens;
}

function tokenAt(sql: string, start: number): Token | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    if (match) {
      return { kind, text: match[0], start, end: start + match[0].length, open: isOpen(kind, match[0]) };
    }
  }
  return undefined;
}

/** The name that a token stands for: quoted as written, bare folded to lower case; undefined for other tokens. */
export function nameOf(token: Token | undefined): string | undefined {
  switch (token?.kind) {
    case 'word':
      return token.text.toLowerCase();
    case 'quoted-name':
      return token.text.replace(/^"|"$/g, '').replace(/""/g, '"');
    default:
      return undefined;
  }
}
