/** The stages of a check in order, each with its status, its time, what was tried and what was found. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, TextLink, useStyles2 } from '@grafana/ui';
import React, { useId, useState } from 'react';
import { type HealthStage } from '../../../contract/resources/health';
import { type Message } from '../../../contract/messages/message';
import { type RecognisedProvider } from '../../../contract/settings/providers';
import { docsUrl } from '../../shared/docs-links';
import { translateMessage } from '../../shared/translate-message';
import { TEST_IDS } from '../../shared/test-ids';
import { Mark } from './Mark';

function duration(ms: number): string {
  if (ms < 1) {
    return '< 1 ms';
  }
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Omits the summary of the failure if the settings are invalid, because Grafana shows this summary below the page. */
function withoutSummary(messages: readonly Message[]): readonly Message[] {
  const isInvalid = messages.some(({ code, values }) => code === 'failure' && values?.error === 'settings_invalid');
  return isInvalid ? messages.filter(({ code }) => code !== 'failure' && code !== 'failure-advice') : messages;
}

/** Shown in the result of the connection check. @param provider Messages name the fields of this provider's form. */
export function StageList({ stages, provider }: { stages: HealthStage[]; provider: RecognisedProvider }) {
  const styles = useStyles2(getStyles);
  return (
    <ol className={styles.list} aria-label={t('config.check.stages', 'Stages of the check')}>
      {stages.map(({ name, title, status, tried, text, more = [], tookMs }, index) => (
        <li
          key={`${index} ${name}`}
          className={styles.stage}
          data-testid={TEST_IDS.checkStage(name)}
          data-status={status}
        >
          <Mark status={status} />
          <div className={styles.words}>
            <div className={styles.head}>
              <span className={styles.title}>{translateMessage(title, provider)}</span>
              {tried && <span className={styles.tried}>{translateMessage(tried, provider)}</span>}
            </div>
            <div className={styles.message}>
              {translateMessage(withoutSummary(text), provider)}
              {name === 'permissions' && (
                <>
                  {' '}
                  <TextLink href={`${docsUrl('operator/security')}#administrators-of-the-lakehouse`} external inline>
                    {t('config.check.admins', 'How to change administrators')}
                  </TextLink>
                </>
              )}
            </div>
            {more.length > 0 && <Details messages={more} provider={provider} />}
          </div>
          <span className={styles.time}>{duration(tookMs)}</span>
        </li>
      ))}
    </ol>
  );
}

/** Less likely causes, and observations. Both are hidden at first. */
function Details({ messages, provider }: { messages: readonly Message[]; provider: RecognisedProvider }) {
  const styles = useStyles2(getStyles);
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  return (
    <div className={styles.details}>
      <Button
        type="button"
        variant="secondary"
        fill="text"
        size="sm"
        icon={isOpen ? 'angle-down' : 'angle-right'}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Trans i18nKey="config.check.more">More</Trans>
      </Button>
      <ul id={id} className={styles.list} hidden={!isOpen}>
        {messages.map((message, index) => (
          <li key={index} className={styles.detail}>
            {translateMessage(message, provider)}
          </li>
        ))}
      </ul>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  stage: css({
    display: 'flex',
    gap: theme.spacing(1),
    padding: theme.spacing(1, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    '&:last-child': { borderBottom: 'none' },
    '& > :first-child': { marginTop: 2 },
  }),
  words: css({ flex: 1, minWidth: 0 }),
  head: css({ display: 'flex', flexWrap: 'wrap', columnGap: theme.spacing(1), alignItems: 'baseline' }),
  title: css({ fontWeight: theme.typography.fontWeightMedium }),
  tried: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
  }),
  message: css({ color: theme.colors.text.secondary, overflowWrap: 'anywhere', whiteSpace: 'pre-line' }),
  // Aligns the icon of the button with the message above it.
  details: css({ marginLeft: theme.spacing(-1) }),
  detail: css({
    padding: theme.spacing(0.25, 0, 0.25, 1),
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
  }),
  time: css({
    flexShrink: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
});
