/** The dialog for SQL that the builder cannot express. The file of the dialog is loaded when the dialog opens. */
import React from 'react';
import { lazyEditor } from '../../shared/controls/lazy-editor';
import { type useModeSwitch } from './use-mode-switch';

const EditedSqlDialog = lazyEditor(
  async () => (await import(/* webpackChunkName: "builder-dialogs" */ './EditedSqlDialog')).EditedSqlDialog,
  { onDismiss: ({ onStay }) => onStay() }
);

/** Shows the dialog if the builder could not read the SQL. Renders nothing while the file of the dialog loads. */
export function LazyEditedSqlDialog({ modes }: { modes: ReturnType<typeof useModeSwitch> }) {
  const { rejection, stayInCode, returnToBuilder } = modes;
  return rejection === undefined ? null : (
    <EditedSqlDialog
      builderSql={rejection.builderSql}
      sql={rejection.sql}
      reason={rejection.reason}
      onStay={stayInCode}
      onReturn={returnToBuilder}
    />
  );
}
