/** Data that the server writes into the page, in addition to Grafana's boot data. */
import { type DemoHints } from '../demo-hints';
import { type DemoUser } from '../server/demo-users';

export interface PlaygroundData {
  users: DemoUser[];
  /** Id of the current user. */
  user: DemoUser;
  hints: DemoHints;
}

declare global {
  interface Window {
    playgroundData: PlaygroundData;
  }
}
