/** The messages of the migration report: a title and advice for each finding. */

/**
 * - `act`: something fails, or needs an action.
 * - `differs`: the result changes.
 * - `better`: failed or was wrong with the Go plugin, and now works.
 * - `same`: works as before, but the user should know about the finding.
 */
export type Effect = 'act' | 'differs' | 'better' | 'same';

export interface FindingMessages {
  effect: Effect;
  title: string;
  /** The effect, and the action to take. */
  advice: string;
}

export const FINDING_MESSAGES = {
  'settings-invalid': {
    effect: 'act',
    title: 'A setting has a value that cannot be used',
    advice: 'Correct it on the settings page, and use Save & test.',
  },
  'password-sign-in': {
    effect: 'act',
    title: 'Signs in with user name and password',
    advice:
      'Micromegas has no such sign-in, so this data source never worked. Choose API Key or OAuth on the settings page.',
  },
  'oauth-incomplete': {
    effect: 'act',
    title: 'OAuth needs another setting',
    advice:
      'The Go plugin did not have this setting, so it could not send its value. Open the settings page, fill in the field, and use Save & test.',
  },
  'oauth-credentials-missing': {
    effect: 'act',
    title: 'OAuth is selected, but issuer, client ID or client secret is missing',
    advice:
      'The Go plugin sent its queries without sign-in. This plugin rejects them. Fill in the fields on the settings page, or choose No sign-in, and use Save & test.',
  },
  'other-sign-in': {
    effect: 'act',
    title: 'Signs in with another method than before',
    advice:
      'The Go plugin used what was stored. This plugin uses what is selected. Choose the Auth Method on the settings page, and use Save & test.',
  },
  'query-invalid': {
    effect: 'act',
    title: 'A query exceeds a limit, or a field of it cannot be read',
    advice: 'The query fails with a message that names the field. Correct the query.',
  },
  'statement-not-allowed': {
    effect: 'act',
    title: 'A query has several statements, or does more than read',
    advice:
      'The Go plugin sent any statement. This plugin runs only statements that read data, so the query fails with statement_not_allowed. Change the lakehouse with the tools of Micromegas.',
  },
  'macro-unknown': {
    effect: 'act',
    title: 'Uses a macro that does not exist',
    advice:
      'The Go plugin sent the macro unchanged, and the server rejected the query. This plugin reports the macro. Correct the query.',
  },
  'format-unknown': {
    effect: 'differs',
    title: 'Has an unknown format',
    advice: 'The Go plugin returned a time series. This plugin returns a table. Choose a format in the query editor.',
  },
  'rule-limit': {
    effect: 'differs',
    title: 'An alert rule truncates its result at the max data points',
    advice:
      'If the result has more rows than the max data points, the rule now fails. The Go plugin evaluated only a part of the rows and did not report this. Open the rule and switch Auto limit off, or set a row limit.',
  },
  'rule-sparse': {
    effect: 'differs',
    title: 'An alert rule applies last or count to series that may have gaps',
    advice:
      'A series has only the times of its own rows now: last is its last row in the range, and count is the number of its rows. With the Go plugin, times of other series counted as empty values, so last had no data and count was too high. Set Fill gaps to Zero in the query options, so that each series has a value for each interval.',
  },
  'auto-limit': {
    effect: 'differs',
    title: 'Truncates its result at the max data points of the panel',
    advice:
      'The rows are the same as before, but a truncated panel now shows a notice. Switch Auto limit off in the query options, or set a row limit.',
  },
  'logs-shown': {
    effect: 'better',
    title: 'Shows logs',
    advice: 'The logs panel now has the time, level, text and labels of each line.',
  },
  'json-columns': {
    effect: 'better',
    title: 'Selects all columns of a table with JSONB columns',
    advice: 'The Go plugin failed, or dropped these columns. They are now shown as JSON, so a table has more columns.',
  },
  'time-units': {
    effect: 'better',
    title: 'Uses times in seconds, milliseconds or microseconds',
    advice:
      'The Go plugin showed them as nanoseconds. Remove a conversion from the query if it was added for this reason.',
  },
  'short-bins': {
    effect: 'better',
    title: 'Bins times by the interval',
    advice: 'Intervals below one second failed with a division by zero. They now work.',
  },
  'oauth-works': {
    effect: 'better',
    title: 'Signs in with OAuth',
    advice:
      'With user attribution on, the server rejected every query of the Go plugin. These queries now run, so the server gets load that it did not have. Use Save & test.',
  },
  'token-readable': {
    effect: 'act',
    title: 'The API key is stored where users of Grafana can read it',
    advice: 'It still works. Enter the key again on the settings page and save, and replace the key on the server.',
  },
  'api-key-empty': {
    effect: 'same',
    title: 'API Key is selected but empty, so OAuth is used',
    advice:
      'As before. Save & test shows a warning. Choose the Auth Method on the settings page and save: from then on, only that method is used.',
  },
  plaintext: {
    effect: 'same',
    title: 'Sends the key or token without TLS',
    advice: 'As before. Save & test shows a warning, and the operator can forbid it (refuse_plaintext_tokens).',
  },
} as const satisfies Readonly<Record<string, FindingMessages>>;

export type FindingCode = keyof typeof FINDING_MESSAGES;
