/**
 * Replaces `@emotion/sheet`, and inserts no rules into the document. Rules would only make tests slow: jsdom has no
 * layout, but compares each element with each rule whenever a test searches for a role.
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
