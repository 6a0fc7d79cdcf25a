/**
 * Loads editors on demand. Grafana loads `module.js` with each page that has a panel of this data source, but most
 * pages open no editor.
 *
 * A file may fail to load, for example after an update of the plugin. `React.lazy` keeps such a failure until the page
 * is loaded again. Without an error boundary, the failure also removes the surrounding components. So this file does
 * not use `React.lazy`.
 */
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, LoadingPlaceholder } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { failureMessage } from '../failure-message';

interface LazyOptions<Props> {
  /**
   * Approximate height of the editor, so that the page does not jump when the editor appears. Default: nothing is shown
   * while the editor loads.
   */
  heightPx?: number;
  /** The SQL that the message about a failure shows. */
  sqlOf?: (props: Props) => string | undefined;
  /** Closes the message about a failure. Default: the message cannot be closed. */
  onDismiss?: (props: Props) => void;
}

type Editor<Props> = (props: Props) => React.ReactNode;

type Loading<Props> =
  { status: 'loading' } | { status: 'failed'; error: string } | { status: 'ready'; Loaded: Editor<Props> };

/**
 * A component that loads an editor when the component is first rendered. After a failure, the component shows a message
 * and a button that loads the editor again.
 */
export function lazyEditor<Props extends object>(
  load: () => Promise<Editor<Props>>,
  { heightPx, sqlOf, onDismiss }: LazyOptions<Props> = {}
): (props: Props) => React.JSX.Element | null {
  let ready: Loading<Props> | undefined;

  function useLoaded() {
    const [loading, setLoading] = useState<Loading<Props>>(ready ?? { status: 'loading' });
    useEffect(() => {
      let isCurrent = true;
      if (loading.status === 'loading') {
        void load()
          .then(
            (Loaded): Loading<Props> => (ready = { status: 'ready', Loaded }),
            (reason: unknown): Loading<Props> => ({ status: 'failed', error: failureMessage(reason) })
          )
          .then((next) => isCurrent && setLoading(next));
      }
      return () => {
        isCurrent = false;
      };
    }, [loading]);
    return { loading, tryAgain: () => setLoading({ status: 'loading' }) };
  }

  return function LazyEditor(props: Props) {
    const { loading, tryAgain } = useLoaded();
    switch (loading.status) {
      case 'ready':
        return <loading.Loaded {...props} />;
      case 'failed':
        return (
          <LoadFailure
            error={loading.error}
            sql={sqlOf?.(props)}
            onTryAgain={tryAgain}
            onDismiss={onDismiss && (() => onDismiss(props))}
          />
        );
      case 'loading':
        return heightPx === undefined ? null : (
          <div style={{ minHeight: heightPx }}>
            <LoadingPlaceholder text={t('editor.loading', 'Loading the editor...')} />
          </div>
        );
    }
  };
}

interface FailureProps {
  error: string;
  sql: string | undefined;
  onTryAgain: () => void;
  onDismiss?: () => void;
}

function LoadFailure({ error, sql, onTryAgain, onDismiss }: FailureProps) {
  return (
    <Alert
      severity="error"
      title={t('editor.failed.title', 'A part of the editor could not be loaded')}
      onRemove={onDismiss}
    >
      <p>
        {t(
          'editor.failed.text',
          'The browser reports: {{error}} The connection to Grafana may have failed, or the plugin was updated after this page was opened. Try again, or load the page again. The saved query is unchanged.',
          { error, interpolation: { escapeValue: false } }
        )}
      </p>
      {sql !== undefined && sql !== '' && <pre>{sql}</pre>}
      <Button size="sm" variant="secondary" icon="sync" type="button" onClick={onTryAgain}>
        <Trans i18nKey="editor.failed.try-again">Try again</Trans>
      </Button>
    </Alert>
  );
}
