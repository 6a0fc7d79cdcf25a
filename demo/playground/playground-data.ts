/** Data that the server writes into the page, in addition to Grafana's boot data. */

/** The uid of the data source without settings. */
export const NEW_DATA_SOURCE = 'micromegas-new';

/** The settings for a sign-in to the demo. They are valid on this machine only, and only while the demo runs. */
export interface DemoHints {
  /** `host:port` of the lakehouse. */
  lakehouse: string;
  apiKey: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  audience: string;
}

/** A user of the playground. */
export interface DemoUser {
  /** Value of the cookie and of `?user=`. */
  id: string;
  login: string;
  name: string;
  email: string;
  /** Grafana's organization role. */
  role: 'Admin' | 'Viewer';
}

export interface PlaygroundData {
  users: DemoUser[];
  /** The current user. */
  user: DemoUser;
  hints: DemoHints;
}

declare global {
  interface Window {
    playgroundData: PlaygroundData;
  }
}
