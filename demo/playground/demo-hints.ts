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
