/** What the server writes into the page beside Grafana's own boot data. */
import { type DemoHints } from '../demo-hints';
import { type DemoUser } from '../server/demo-users';

export interface PlaygroundData {
  users: DemoUser[];
  /** Who sits at the page. */
  user: DemoUser;
  hints: DemoHints;
}

declare global {
  interface Window {
    playgroundData: PlaygroundData;
  }
}
