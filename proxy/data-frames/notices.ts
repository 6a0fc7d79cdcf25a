import { type Notice } from './frame-options';

/** A sentence whose subject is one column or several: `Column "a" holds …`, `Columns "a" and "b" hold …`. */
export interface ColumnRemark {
  one: string;
  several: string;
}

/** Column names in one notice. More are counted. */
const MAX_NAMES = 10;

/** Characters of a column name in a notice. */
const MAX_NAME_LENGTH = 60;

/** Collects remarks while a frame is made. The same remark from many batches is kept once. */
export class Notices {
  private readonly entries = new Map<string, Notice>();
  private readonly columns = new Map<ColumnRemark, Set<string>>();
  private changes = 0;

  constructor(before: readonly Notice[] = []) {
    before.forEach((notice) => this.entries.set(notice.text, notice));
  }

  /** Something is missing or changed in what the user sees. */
  warn(text: string): void {
    this.add({ severity: 'warning', text });
  }

  /** Something that the user may want to know. */
  info(text: string): void {
    this.add({ severity: 'info', text });
  }

  /** The same for a column. All columns with the same remark, compared by identity, share one notice. */
  infoAboutColumn(column: string, remark: ColumnRemark): void {
    const names = this.columns.get(remark) ?? new Set();
    if (!names.has(column)) {
      this.columns.set(remark, names.add(column));
      this.changes++;
    }
  }

  /** Changes whenever `list` does. */
  get revision(): number {
    return this.changes;
  }

  get list(): Notice[] {
    const aboutColumns = Array.from(this.columns, ([remark, names]): Notice => {
      return { severity: 'info', text: columnText(remark, names) };
    });
    return [...this.entries.values(), ...aboutColumns];
  }

  private add(notice: Notice): void {
    if (!this.entries.has(notice.text)) {
      this.entries.set(notice.text, notice);
      this.changes++;
    }
  }
}

function columnText({ one, several }: ColumnRemark, columns: ReadonlySet<string>): string {
  const names = Array.from(columns).slice(0, MAX_NAMES).map(quoted);
  if (names.length === 1) {
    return `Column ${names[0]} ${one}`;
  }
  const last = columns.size > MAX_NAMES ? `${columns.size - MAX_NAMES} more` : names.pop();
  return `Columns ${names.join(', ')} and ${last} ${several}`;
}

function quoted(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `"${name.slice(0, MAX_NAME_LENGTH)}…"` : `"${name}"`;
}
