/**
 * Lays SQL out in lines. Macros and variables are not SQL, so they travel through the formatter under plain names and
 * come back afterwards; the result is used only when it differs from the original in white space alone.
 */

/** `$__name(`, `${name:format}`, `$name`, `[[name]]`, in this order. */
const PLACEHOLDER = /(\$__\w+)(?=\()|\$\{[^{}$]*\}|\$\w+|\[\[[^[\]]+\]\]/g;

/** Longest text that is formatted, in characters: the formatter takes seconds for more. */
const MAX_CHARACTERS = 100_000;

/** The formatter reads the rest of the text again for each comment that is open: 70 seconds for 20,000 of them. */
const MAX_OPEN_COMMENTS = 10;

/** The largest number of block comments that are open at once. Marks inside of literals count too. */
function openComments(sql: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [mark] of sql.matchAll(/\/\*|\*\//g)) {
    depth = mark === '/*' ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

interface Masked {
  sql: string;
  /** What stands before the number in a name that stands for a placeholder. */
  stem: string;
  originals: string[];
}

function mask(sql: string): Masked {
  // A stem that the text does not contain keeps the way back unambiguous.
  const longest = (sql.match(/mmx+/g) ?? []).reduce((length, found) => Math.max(length, found.length), 2);
  const stem = `mm${'x'.repeat(longest - 1)}`;
  const originals: string[] = [];
  const masked = sql.replace(PLACEHOLDER, (original) => `${stem}_${originals.push(original) - 1}_`);
  return { sql: masked, stem, originals };
}

function unmask(sql: string, { stem, originals }: Masked): string {
  // Between the parts of a split by stem, each begins with the number of its placeholder.
  const [first, ...others] = sql.split(`${stem}_`);
  const text = others.map((part) => part.replace(/^(\d+)_/, (_, number: string) => originals[Number(number)]));
  // A macro and its arguments belong together.
  return [first, ...text].join('').replace(/(\$__\w+)[ \t]+\(/g, '$1(');
}

function withoutSpace(sql: string): string {
  return sql.replace(/\s+/g, '');
}

/**
 * @returns The SQL in lines, with its words, case and macros as they were.
 * @throws {Error} When the text cannot be read as SQL, with a sentence for its author. The text is left unchanged then.
 */
export async function formatSql(sql: string): Promise<string> {
  if (sql.length > MAX_CHARACTERS) {
    const limit = MAX_CHARACTERS.toLocaleString('en-US');
    throw new Error(`This SQL has more than ${limit} characters, which is too long to be formatted.`);
  }
  if (openComments(sql) > MAX_OPEN_COMMENTS) {
    throw new Error('This SQL has too many comments inside of comments to be formatted. It was left as it is.');
  }
  // Loaded when asked for: it is larger than all else of the browser half.
  const { formatDialect, postgresql } = await import(
    /* webpackChunkName: "sql-formatter", webpackExports: ["formatDialect", "postgresql"] */
    'sql-formatter'
  );
  const masked = mask(sql);
  let formatted: string;
  try {
    const laidOut = formatDialect(masked.sql, { dialect: postgresql, tabWidth: 2, linesBetweenQueries: 1 });
    formatted = unmask(laidOut, masked);
  } catch (cause) {
    throw new Error('This SQL could not be formatted. It was left as it is.', { cause });
  }
  if (withoutSpace(formatted) !== withoutSpace(sql)) {
    throw new Error('Formatting would have changed more than white space. The SQL was left as it is.');
  }
  return formatted;
}
