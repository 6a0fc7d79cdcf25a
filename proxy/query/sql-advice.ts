/** Advice on mistakes in SQL that the messages of the server do not explain. */
import { sqlPartAt } from '../../contract/sql/sql-scan';
import { StringSet } from '../../contract/string-map';
import { type ErrorCode } from '../base/errors/catalogue';
import { joinedList, shownName } from '../base/errors/foreign-string';
import { type ProxyError } from '../base/errors/proxy-error';

/** Errors of the server about the SQL. */
const SQL_ERRORS: readonly ErrorCode[] = ['query_invalid', 'query_failed'];

/** Maximum number of variables that the advice names. */
const MAX_NAMES = 3;

/** Starts of strings, quoted names and comments, and of references to variables. */
const STOP = /['"`$/-]/g;
const REFERENCE = /\$(?:[A-Za-z_]\w*|\{\w[^${}\n]*\})/y;

/** The references to variables outside of quotes and comments, such as `$exe`. At most `MAX_NAMES`. */
function referencesIn(sql: string): string[] {
  const references = new StringSet();
  STOP.lastIndex = 0;
  for (let stop = STOP.exec(sql); stop !== null && references.size < MAX_NAMES; stop = STOP.exec(sql)) {
    const part = sqlPartAt(sql, stop.index);
    REFERENCE.lastIndex = stop.index;
    const [reference] = part === undefined ? (REFERENCE.exec(sql) ?? []) : [];
    if (reference !== undefined) {
      references.add(reference);
    }
    STOP.lastIndex = part?.end ?? stop.index + (reference?.length ?? 1);
  }
  return [...references];
}

/**
 * The error with advice for an unknown dashboard variable, and for a string without single quotes. Grafana does not
 * replace references to variables that do not exist.
 *
 * @param sql The SQL that was sent.
 */
export function withSqlAdvice(error: ProxyError, sql: string): ProxyError {
  if (!SQL_ERRORS.includes(error.code) || error.messages.advice !== undefined) {
    return error;
  }
  const references = referencesIn(sql);
  if (references.length > 0) {
    const names = joinedList(references, shownName);
    return error.with({
      advice: `Correct ${names} in the SQL: there is no such variable. Alert rules have no variables.`,
    });
  }
  return error.detail?.includes('No field named') === true
    ? error.with({ advice: "Correct the name. Strings need single quotes, also from variables: '$name'." })
    : error;
}
