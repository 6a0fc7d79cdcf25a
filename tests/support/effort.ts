/** Counts the clicks and typed characters of a user in the browser. */
import { type BrowserContext } from '@playwright/test';

export interface Effort {
  clicks: number;
  characters: number;
}

/**
 * Counts from now on, in all pages of the context. A click on any element counts once. Keys that type nothing,
 * such as Enter and Ctrl+A, and clicks that the keyboard or a script makes are not counted. A count arrives after the
 * action has returned, so compare it with `expect.poll`.
 */
export async function countEffort(context: BrowserContext): Promise<Effort> {
  const effort = { clicks: 0, characters: 0 };
  await context.exposeFunction('countClick', () => {
    effort.clicks += 1;
  });
  await context.exposeFunction('countCharacter', () => {
    effort.characters += 1;
  });
  await context.addInitScript({
    content: `
      // Playwright prevents a click that would miss its element, and clicks again.
      const count = (event) => setTimeout(() => event.defaultPrevented || countClick());
      addEventListener('pointerdown', (event) => event.isTrusted && count(event), true);
      const isTyping = ({ isTrusted, key, ctrlKey, metaKey }) => isTrusted && key.length === 1 && !ctrlKey && !metaKey;
      addEventListener('keydown', (event) => isTyping(event) && countCharacter(), true);
    `,
  });
  return effort;
}
