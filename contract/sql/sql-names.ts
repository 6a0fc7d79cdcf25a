/** Writes names and string literals for DataFusion. */

/** The string with doubled single quotes, for use inside of a string literal. */
export function escapeLiteral(value: string): string {
  return value.replace(/'/g, "''");
}

/** A string literal of standard SQL. */
export function quoteLiteral(value: string): string {
  return `'${escapeLiteral(value)}'`;
}

/** True if the word needs quotes to be a name. @param word In lower case. */
export function isReservedWord(word: string): boolean {
  return QUOTED_WORDS.has(word);
}

/** A name in double quotes, which DataFusion reads unchanged. */
export function quotedName(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

/** A name for SQL. It gets double quotes if DataFusion would change or reject it without quotes. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !isReservedWord(name) ? name : quotedName(name);
}

/**
 * Words that get quotes when they are names. They are the words that the parser rejects as the name of a column or
 * table in at least one position, and the keywords that the editor and the builder write. Unnecessary quotes have no
 * effect.
 */
const QUOTED_WORDS: ReadonlySet<string> = new Set(
  `all analyze and any as asc begin between by case cast cluster cross cube current_catalog current_date current_role
  current_time current_timestamp current_user delete desc distinct distribute drop else end except exclude exists explain
  extract false fetch for from full group having ilike in inner insert intersect interval into is join lateral left like limit
  localtime localtimestamp minus natural not null offset on or order outer over partition qualify returning right rollup
  select session_user set similar some sort struct system_user table then timestamp to top trim true union unnest update user
  using values view when where window with within`.split(/\s+/)
);
