/** The dialog for SQL that the builder cannot express. Its file is loaded when the dialog opens. */
import React from 'react';
import { lazyEditor } from '../../shared/controls/lazy-editor';
import { type useModeSwitch } from './use-mode-switch';

const EditedSqlDialog = lazyEditor(
  async () => (await import(/* webpackChunkName: "builder-dialogs" */ './EditedSqlDialog')).EditedSqlDialog,
  { onDismiss: ({ onStay }) => onStay() }
);

/** The dialog, if the switch to the builder was rejected. Shows nothing until its file is loaded. */
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
