/** The dialog for SQL that the builder cannot express, while the author has to decide. Its file is loaded then. */
import React from 'react';
import { lazyEditor } from '../../shared/controls/lazy-editor';
import { type useModeSwitch } from './use-mode-switch';

const EditedTextDialog = lazyEditor(
  async () => (await import(/* webpackChunkName: "builder-dialogs" */ './EditedTextDialog')).EditedTextDialog,
  { onDismiss: ({ onStay }) => onStay() }
);

export function LazyEditedTextDialog({ modes }: { modes: ReturnType<typeof useModeSwitch> }) {
  const { refusal, stayInCode, returnToBuilder } = modes;
  return refusal === undefined ? null : (
    <EditedTextDialog
      builderSql={refusal.builderSql}
      sql={refusal.sql}
      reason={refusal.reason}
      onStay={stayInCode}
      onReturn={returnToBuilder}
    />
  );
}
