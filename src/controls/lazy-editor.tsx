/**
 * Editors in files of their own. Grafana loads `module.js` with each page that has a panel of this data source, but most
 * pages open no editor.
 */
import { LoadingPlaceholder } from '@grafana/ui';
import { t } from '@grafana/i18n';
import React, { createElement, lazy, Suspense } from 'react';

/**
 * A component that loads another one when it is rendered first.
 *
 * @param load     Loads the component.
 * @param heightPx About the height of the component, so that the page does not jump when it appears.
 */
export function lazyEditor<Props extends object>(
  load: () => Promise<(props: Props) => React.JSX.Element>,
  heightPx: number
): (props: Props) => React.JSX.Element {
  const Loaded = lazy(async () => {
    const Editor = await load();
    return { default: ({ editor }: { editor: Props }) => createElement(Editor, editor) };
  });
  return function LazyEditor(props: Props) {
    return (
      <Suspense
        fallback={
          <div style={{ minHeight: heightPx }}>
            <LoadingPlaceholder text={t('editor.loading', 'Loading the editor...')} />
          </div>
        }
      >
        <Loaded editor={props} />
      </Suspense>
    );
  };
}
