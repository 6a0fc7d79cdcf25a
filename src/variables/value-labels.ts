/** Labels of values in the list of a variable: names of levels, and times in the zone of the dashboard. */
import { dateTimeFormat } from '@grafana/data';
import { LEVEL_NAMES, LEVEL_TABLES } from '../../contract/builder/condition-sql';
import { isSqlWord, tokenizeSql, sqlTokenValue } from '../../contract/sql/sql-scan';

/** An entry of the list of a variable, in Grafana's shape: `text` is its label. */
export interface ValueOption {
  text: string;
  value: string;
}

/** The label expression of a process in SQL of the builder, see `contract/builder/builder-sql.ts`. */
const PROCESS_LABEL = "concat(exe, ' on ', computer, ', ', start_time)";
const LAST_TIME = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00(?::?00)?)?$/;

/** True for SQL such as `SELECT DISTINCT level AS l FROM log_entries`, with or without DISTINCT and the alias. */
function listsLevels(sql: string): boolean {
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const level = isSqlWord(tokens[1], 'distinct') ? 2 : 1;
  const hasAlias = isSqlWord(tokens[level + 1], 'as');
  const from = level + (hasAlias ? 3 : 1);
  const isInstance = isSqlWord(tokens[from + 1], 'view_instance');
  const table = tokens[from + (isInstance ? 3 : 1)];
  return (
    isSqlWord(tokens[0], 'select') &&
    isSqlWord(tokens[level], 'level') &&
    isSqlWord(tokens[from], 'from') &&
    table !== undefined &&
    LEVEL_TABLES.includes(sqlTokenValue(table))
  );
}

/** The entry with the name of its level as label. Its value remains the number, for SQL such as `level <= $level`. */
function withLevelName(item: ValueOption): ValueOption {
  return { ...item, text: LEVEL_NAMES[Number(item.value) - 1] ?? item.text };
}

function withLocalTime(item: ValueOption, timeZone: string): ValueOption {
  const [whole, day, time] = LAST_TIME.exec(item.text) ?? [];
  if (whole === undefined) {
    return item;
  }
  const shown = dateTimeFormat(Date.parse(`${day}T${time}Z`), { timeZone });
  return { ...item, text: item.text.slice(0, -whole.length) + shown };
}

/**
 * Returns a function that replaces the label of an entry, and keeps its value.
 *
 * @param sql      The SQL of the variable.
 * @param timeZone IANA name of the zone of the dashboard.
 */
export function labelsFor(sql: string, timeZone: string): (item: ValueOption) => ValueOption {
  if (sql.includes(PROCESS_LABEL)) {
    return (item) => withLocalTime(item, timeZone);
  }
  return listsLevels(sql) ? withLevelName : (item) => item;
}
