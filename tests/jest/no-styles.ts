/**
 * In place of `@emotion/sheet`: inserts no rules into the document. jsdom has no layout, and compares each element with
 * each rule whenever a test looks for a role.
 */
export class StyleSheet {
  readonly key: string;
  readonly container: Node;
  readonly tags: HTMLStyleElement[] = [];

  constructor({ key, container }: { key: string; container: Node }) {
    this.key = key;
    this.container = container;
  }

  hydrate(): void {}

  insert(): void {}

  flush(): void {}
}
