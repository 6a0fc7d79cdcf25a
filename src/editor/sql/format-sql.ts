/**
 * Formats SQL. Macros and variables are not SQL, so they are replaced by plain names before formatting, and put back
 * afterwards. The result is used only if its tokens are those of the SQL. White space in comments may differ.
 */
import { t } from '@grafana/i18n';
import { applyEdits, type SqlEdit } from '../../../contract/sql/sql-edits';
import { sqlPartAt, tokenizeSql } from '../../../contract/sql/sql-scan';

/** Matches `$__name` before `(`, `${name:format}`, `$name` and `[[name]]`. They are tried in this order. */
const PLACEHOLDER = /(\$__\w+)(?=\()|\$\{[^{}$]*\}|\$\w+|\[\[[^[\]]+\]\]/g;

/** Maximum number of characters of SQL that is formatted. The formatter takes seconds for longer SQL. */
const MAX_CHARACTERS = 100_000;

/**
 * Maximum depth of nested comments. The formatter reads the rest of the SQL again for each level: 70 seconds for
 * 20,000 levels.
 */
const MAX_COMMENT_DEPTH = 10;

/** The largest number of block comments that are open at once. */
function commentDepth(sql: string): number {
  let deepest = 0;
  for (let at = 0; at < sql.length;) {
    const part = sqlPartAt(sql, at);
    deepest = Math.max(deepest, part?.depth ?? 0);
    at = part?.end ?? at + 1;
  }
  return deepest;
}

interface Masked {
  sql: string;
  /** Beginning of the names that replace placeholders. A number follows. */
  stem: string;
  originals: string[];
}

function mask(sql: string): Masked {
  // A stem that the SQL does not contain makes the reverse replacement unambiguous.
  const longest = (sql.match(/mmx+/g) ?? []).reduce((length, found) => Math.max(length, found.length), 2);
  const stem = `mm${'x'.repeat(longest - 1)}`;
  const originals: string[] = [];
  const masked = sql.replace(PLACEHOLDER, (original) => `${stem}_${originals.push(original) - 1}_`);
  return { sql: masked, stem, originals };
}

function unmask(sql: string, { stem, originals }: Masked): string {
  // Each part after a stem begins with the number of its placeholder.
  const [first, ...others] = sql.split(`${stem}_`);
  const unmasked = others.map((part) => part.replace(/^(\d+)_/, (_, number: string) => originals[Number(number)]));
  return withoutSpaceAfterMacros([first, ...unmasked].join(''));
}

/** Removes the space that the formatter inserts between a macro and its arguments. */
function withoutSpaceAfterMacros(sql: string): string {
  const tokens = tokenizeSql(sql);
  const edits = tokens.flatMap(({ kind, raw, end }, index): SqlEdit[] => {
    const next = tokens[index + 1];
    const isMacro = kind === 'placeholder' && raw.startsWith('$__') && next?.raw === '(';
    return isMacro && /^[ \t]+$/.test(sql.slice(end, next.start))
      ? [{ at: end, removed: next.start - end, sql: '' }]
      : [];
  });
  return applyEdits(sql, edits).sql;
}

/** The tokens as written. White space in comments is left out, because the formatter indents comments. */
function comparable(sql: string): string {
  return JSON.stringify(tokenizeSql(sql).map(({ kind, raw }) => (kind === 'comment' ? raw.replace(/\s+/g, '') : raw)));
}

/**
 * @returns The formatted SQL, with unchanged words, case and macros.
 * @throws {Error} When the SQL cannot be formatted, with a message in the language of the user.
 */
export async function formatSql(sql: string): Promise<string> {
  if (sql.length > MAX_CHARACTERS) {
    const limit = MAX_CHARACTERS.toLocaleString('en-US');
    throw new Error(
      t('query.format.too-long', 'This SQL has more than {{limit}} characters, which is too long to be formatted.', {
        limit,
      })
    );
  }
  if (commentDepth(sql) > MAX_COMMENT_DEPTH) {
    throw new Error(
      t('query.format.comments', 'This SQL has too many levels of nested comments to be formatted. It is unchanged.')
    );
  }
  // Loaded on use, because the formatter is large.
  const { formatDialect, postgresql } = await import(/* webpackChunkName: "sql-formatter" */ 'sql-formatter');
  const masked = mask(sql);
  let formatted: string;
  try {
    const laidOut = formatDialect(masked.sql, { dialect: postgresql, tabWidth: 2, linesBetweenQueries: 1 });
    formatted = unmask(laidOut, masked);
  } catch (cause) {
    throw new Error(t('query.format.failed', 'This SQL could not be formatted. It is unchanged.'), { cause });
  }
  if (comparable(formatted) !== comparable(sql)) {
    throw new Error(t('query.format.changed', 'Formatting would change more than white space. The SQL is unchanged.'));
  }
  return formatted;
}
