import { type Notice } from './frame-options';

/** Collects remarks while a frame is made. The same remark from many batches is kept once. */
export class Notices {
  private readonly entries = new Map<string, Notice>();

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

  get list(): Notice[] {
    return [...this.entries.values()];
  }

  private add(notice: Notice): void {
    if (!this.entries.has(notice.text)) {
      this.entries.set(notice.text, notice);
    }
  }
}
