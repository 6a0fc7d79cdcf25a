import { foreignText } from '../errors/foreign-text';
import { type Notice } from './frame-options';

/** More remarks than anybody reads: a result may have thousands of columns, each with a remark. */
const MAX_NOTICES = 50;

/** Collects remarks while a frame is made. The same remark from many batches is kept once. */
export class Notices {
  private readonly entries = new Map<string, Notice>();
  private left = 0;

  constructor(before: readonly Notice[] = []) {
    before.forEach((notice) => this.add(notice));
  }

  /** Something is missing or changed in what the user sees. */
  warn(text: string): void {
    this.add({ severity: 'warning', text });
  }

  /** Something that the user may want to know. */
  info(text: string): void {
    this.add({ severity: 'info', text });
  }

  get list(): Notice[] {
    const last: Notice[] =
      this.left === 0 ? [] : [{ severity: 'info', text: `${this.left} more notices are not shown.` }];
    return [...this.entries.values(), ...last];
  }

  /** Names of columns and values of labels are text that others wrote. */
  private add(notice: Notice): void {
    const text = foreignText(notice.text);
    if (this.entries.has(text)) {
      return;
    }
    if (this.entries.size < MAX_NOTICES) {
      this.entries.set(text, { ...notice, text });
    } else {
      this.left++;
    }
  }
}
