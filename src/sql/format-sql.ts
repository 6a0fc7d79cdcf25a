/**
 * Lays SQL out in lines. Macros and variables are not SQL, so they travel through the formatter under plain names and
 * come back afterwards; the result is used only when it differs from the original in white space alone.
 */

/** `$__name(`, `${name:format}`, `$name`, `[[name]]`, in this order. */
const PLACEHOLDER = /(\$__\w+)(?=\()|\$\{[^}]*\}|\$\w+|\[\[[^\]]+\]\]/g;

interface Masked {
  sql: string;
  originals: Map<string, string>;
}

function mask(sql: string): Masked {
  const originals = new Map<string, string>();
  // A stem that the text does not contain keeps the way back unambiguous.
  let stem = 'mmx';
  while (sql.includes(stem)) {
    stem += 'x';
  }
  const masked = sql.replace(PLACEHOLDER, (original) => {
    const name = `${stem}_${originals.size}_`;
    originals.set(name, original);
    return name;
  });
  return { sql: masked, originals };
}

function unmask(sql: string, originals: Map<string, string>): string {
  let text = sql;
  for (const [name, original] of originals) {
    text = text.replace(name, () => original);
  }
  // A macro and its arguments belong together.
  return text.replace(/(\$__\w+)[ \t]+\(/g, '$1(');
}

function withoutSpace(sql: string): string {
  return sql.replace(/\s+/g, '');
}

/**
 * @returns The SQL in lines, with its words, case and macros as they were.
 * @throws {Error} When the text cannot be read as SQL, with a sentence for its author. The text is left unchanged then.
 */
export async function formatSql(sql: string): Promise<string> {
  // Loaded when asked for: it is larger than all else of the browser half.
  const { formatDialect, postgresql } = await import(
    /* webpackChunkName: "sql-formatter", webpackExports: ["formatDialect", "postgresql"] */
    'sql-formatter'
  );
  const { sql: masked, originals } = mask(sql);
  let formatted: string;
  try {
    formatted = unmask(formatDialect(masked, { dialect: postgresql, tabWidth: 2, linesBetweenQueries: 1 }), originals);
  } catch (cause) {
    throw new Error('This SQL could not be formatted. It was left as it is.', { cause });
  }
  if (withoutSpace(formatted) !== withoutSpace(sql)) {
    throw new Error('Formatting would have changed more than white space. The SQL was left as it is.');
  }
  return formatted;
}
