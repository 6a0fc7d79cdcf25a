/** A dialog with the processes of the time range, most recent first. The rows are buttons, so the keyboard reaches them. */
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, intervalToAbbreviatedDurationString } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, Input, LoadingPlaceholder, Modal, useStyles2 } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { type ProcessInfo } from '../../contract/lookups';
import { failureText } from '../failure-text';

interface Found {
  items: ProcessInfo[];
  isTruncated: boolean;
}

interface Props {
  search: (text: string) => Promise<Found>;
  onChoose: (process: ProcessInfo) => void;
  onDismiss: () => void;
}

type Listing = { status: 'loading' } | { status: 'failed'; error: string } | ({ status: 'ready' } & Found);

/** Pause after the last key, so that a search is not sent per key. */
const SEARCH_PAUSE_MS = 250;

/** The processes that match the typed text. Answers of older searches are dropped. */
function useProcesses(text: string, search: Props['search']): Listing {
  const [listing, setListing] = useState<Listing>({ status: 'loading' });
  const latest = React.useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  useEffect(() => {
    let isCurrent = true;
    const set = (next: Listing) => {
      if (isCurrent) {
        setListing(next);
      }
    };
    const timer = setTimeout(
      () => {
        set({ status: 'loading' });
        latest.current(text).then(
          (found) => set({ status: 'ready', ...found }),
          (reason: unknown) => set({ status: 'failed', error: failureText(reason) })
        );
      },
      text === '' ? 0 : SEARCH_PAUSE_MS
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text]);
  return listing;
}

export function ProcessDialog({ search, onChoose, onDismiss }: Props) {
  const [text, setText] = useState('');
  const listing = useProcesses(text, search);
  return (
    <Modal title={t('builder.process.dialog', 'Choose a process')} isOpen onDismiss={onDismiss}>
      <Input
        autoFocus
        aria-label={t('builder.process.search', 'Search processes')}
        placeholder={t('builder.process.search-placeholder', 'Program, computer, user or id')}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <ProcessListing listing={listing} onChoose={onChoose} />
    </Modal>
  );
}

function ProcessListing({ listing, onChoose }: { listing: Listing; onChoose: Props['onChoose'] }) {
  const styles = useStyles2(getStyles);
  if (listing.status === 'loading') {
    return <LoadingPlaceholder text={t('builder.process.loading', 'Loading processes...')} />;
  }
  if (listing.status === 'failed') {
    return (
      <Alert severity="warning" title={t('builder.process.failed', 'The processes could not be loaded.')}>
        {listing.error}
      </Alert>
    );
  }
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('builder.process.program', 'Program')}</th>
            <th scope="col">{t('builder.process.computer', 'Computer')}</th>
            <th scope="col">{t('builder.process.user', 'User')}</th>
            <th scope="col">{t('builder.process.start', 'Start')}</th>
            <th scope="col">{t('builder.process.duration', 'Duration')}</th>
          </tr>
        </thead>
        <tbody>
          {listing.items.map((process) => (
            <ProcessRow key={process.processId} process={process} onChoose={onChoose} />
          ))}
        </tbody>
      </table>
      <p role="status" className={styles.note}>
        {listing.items.length === 0 ? (
          <Trans i18nKey="builder.process.none">
            No process matches. The list has the processes of the time range only.
          </Trans>
        ) : listing.isTruncated ? (
          <Trans i18nKey="builder.process.truncated">There are more processes. Type a text to find them.</Trans>
        ) : null}
      </p>
    </div>
  );
}

function ProcessRow({ process, onChoose }: { process: ProcessInfo; onChoose: Props['onChoose'] }) {
  const { processId, exe, computer, username, startMs, lastUpdateMs } = process;
  return (
    <tr title={processId}>
      <td>
        <Button
          size="sm"
          fill="text"
          type="button"
          aria-label={t('builder.process.choose-one', 'Choose {{exe}} on {{computer}}, {{start}}', {
            exe,
            computer,
            start: dateTimeFormat(startMs),
            interpolation: { escapeValue: false },
          })}
          onClick={() => onChoose(process)}
        >
          {exe || processId}
        </Button>
      </td>
      <td>{computer}</td>
      <td>{username}</td>
      <td>{dateTimeFormat(startMs)}</td>
      <td>{intervalToAbbreviatedDurationString({ start: startMs, end: Math.max(startMs, lastUpdateMs) })}</td>
    </tr>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // The table scrolls, and the dialog keeps its height while the user types.
  scroll: css({ overflow: 'auto', height: '50vh', marginTop: theme.spacing(1) }),
  table: css({
    width: '100%',
    '& th, & td': { padding: theme.spacing(0.5, 1), whiteSpace: 'nowrap', textAlign: 'left' },
    '& thead th': { position: 'sticky', top: 0, background: theme.colors.background.primary },
    '& tbody tr:hover, & tbody tr:focus-within': { background: theme.colors.background.secondary },
  }),
  note: css({ color: theme.colors.text.secondary, margin: theme.spacing(1) }),
});
