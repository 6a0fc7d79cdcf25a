import { StringMap, StringSet } from '../../../contract/string-map';
import { foreignString, shownName } from '../../base/errors/foreign-string';
import { type Notice } from './frame-options';

/** Limit for the number of notices, because each of thousands of columns may cause a notice. */
const MAX_NOTICES = 50;

/** Limit for the number of further notices that are counted. */
const MAX_DROPPED = 100;

/** Ends of sentences about one column and about several columns, for example `holds …` and `hold …`. */
export interface ColumnNotice {
  one: string;
  several: string;
}

/** Limit for the column names in one notice. If there are more columns, the notice only says how many more. */
const MAX_NAMES = 10;

/** Collects the notices of a frame. Equal notices are kept once. */
export class Notices {
  readonly #entries = new StringMap<Notice>();
  readonly #columns = new Map<ColumnNotice, StringSet>();
  /** The notices that exceed `MAX_NOTICES`. They are stored so that equal ones are counted once. */
  readonly #dropped = new StringSet();
  #changes = 0;

  constructor(before: readonly Notice[] = []) {
    before.forEach((notice) => this.add(notice));
    this.#changes = 0;
  }

  /** Adds a warning, for values that are missing or changed. */
  warn(message: string): void {
    this.add({ severity: 'warning', text: message });
  }

  /** Adds an info, for other facts. */
  info(message: string): void {
    this.add({ severity: 'info', text: message });
  }

  /** Adds an info about a column. Columns with the same object `notice` share one notice. */
  infoAboutColumn(column: string, notice: ColumnNotice): void {
    const names = this.#columns.get(notice) ?? new StringSet();
    if (!names.has(column)) {
      this.#columns.set(notice, names.add(column));
      this.#changes++;
    }
  }

  /** A number that grows with each change of `list`. */
  get revision(): number {
    return this.#changes;
  }

  /**
   * One notice per severity. It contains the texts of all notices of this severity, because the header of a panel shows
   * only the last notice of each severity.
   */
  get list(): Notice[] {
    const aboutColumns = Array.from(this.#columns, ([notice, names]): Notice => {
      return { severity: 'info', text: columnMessage(notice, names) };
    });
    const { size } = this.#dropped;
    const last: Notice[] = size === 0 ? [] : [{ severity: 'info', text: droppedMessage(size) }];
    return onePerSeverity([...this.#entries.values(), ...aboutColumns, ...last]);
  }

  /** Cleans and truncates the text with `foreignString`, because the text may contain names of columns and labels. */
  add(notice: Notice): void {
    const message = foreignString(notice.text);
    if (this.#entries.has(message) || this.#dropped.has(message)) {
      return;
    }
    if (this.#entries.size < MAX_NOTICES) {
      this.#entries.set(message, { severity: notice.severity, text: message });
    } else if (this.#dropped.size < MAX_DROPPED) {
      this.#dropped.add(message);
    } else {
      return;
    }
    this.#changes++;
  }
}

function onePerSeverity(notices: readonly Notice[]): Notice[] {
  const messages = new Map<Notice['severity'], string[]>();
  for (const { severity, text } of notices) {
    const list = messages.get(severity) ?? [];
    list.push(text);
    messages.set(severity, list);
  }
  return Array.from(messages, ([severity, list]) => ({ severity, text: bulletList(list) }));
}

/** A panel shows line breaks as spaces, so each of several messages begins with a bullet. */
function bulletList(messages: readonly string[]): string {
  return messages.length === 1 ? messages[0] : messages.map((message) => `• ${message}`).join('\n');
}

function droppedMessage(count: number): string {
  if (count === MAX_DROPPED) {
    return `${count} or more further notices are not shown.`;
  }
  return count === 1 ? '1 more notice is not shown.' : `${count} more notices are not shown.`;
}

function columnMessage({ one, several }: ColumnNotice, columns: ReadonlySet<string>): string {
  const names = Array.from(columns).slice(0, MAX_NAMES).map(shownName);
  if (names.length === 1) {
    return `Column ${names[0]} ${one}`;
  }
  const last = columns.size > MAX_NAMES ? `${columns.size - MAX_NAMES} more` : names.pop();
  return `Columns ${names.join(', ')} and ${last} ${several}`;
}
