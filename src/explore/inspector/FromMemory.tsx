/** Says which part of a result comes from memory, and since when. */
import { dateTimeFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import React from 'react';
import { type KeptParts, type SentStatement } from '../../../contract/resources/query-costs';
import { TEST_IDS } from '../../shared/test-ids';

/** Maximum number of parts that are listed. */
const MAX_LISTED = 5;

/** Shows nothing if the whole result was read for this query. */
export function FromMemory({ sent: { sharedFrom, sharedAtMs, kept } }: { sent: SentStatement }) {
  if (sharedFrom === undefined && kept === undefined) {
    return null;
  }
  return (
    <div data-testid={TEST_IDS.fromMemory}>
      {sharedFrom !== undefined && <p>{sharedSentence(sharedAtMs)}</p>}
      {kept !== undefined && <p>{keptSentence(kept)}</p>}
    </div>
  );
}

function sharedSentence(sharedAtMs: number | undefined): string {
  return sharedAtMs === undefined
    ? t('inspector.shared', 'This result is that of an equal query. No statement was sent for this panel.')
    : t(
        'inspector.shared-at',
        'This result is that of an equal query, whose statement was sent at {{time}}. No statement was sent for this panel.',
        { time: dateTimeFormat(sharedAtMs), interpolation: { escapeValue: false } }
      );
}

function keptSentence({ parts, wholeReadMs }: KeptParts): string {
  const listed = parts.slice(0, MAX_LISTED).map(({ fromMs, toMs }) =>
    t('inspector.memory-part', '{{from}} to {{to}}', {
      from: dateTimeFormat(fromMs),
      to: dateTimeFormat(toMs),
      interpolation: { escapeValue: false },
    })
  );
  const more = parts.length - listed.length;
  const values = {
    parts: (more > 0
      ? [...listed, t('inspector.memory-more', '{{more}} more', { more, interpolation: { escapeValue: false } })]
      : listed
    ).join('; '),
    time: dateTimeFormat(wholeReadMs),
    interpolation: { escapeValue: false },
  };
  return t(
    'inspector.memory',
    'These parts of the time range come from memory: {{parts}}. The other parts were read for the result. The whole range was last read at {{time}}. Rows that became readable later than five minutes after their arrival are missing in the parts from memory, until the whole range is read again.',
    values
  );
}
