/** The dialog for SQL that the builder cannot express, while the author has to decide. Its file is loaded then. */
import React, { lazy, Suspense } from 'react';
import { type useModeSwitch } from './use-mode-switch';

const EditedTextDialog = lazy(async () => ({
  default: (await import(/* webpackChunkName: "builder-dialogs" */ './EditedTextDialog')).EditedTextDialog,
}));

export function EditedText({ modes }: { modes: ReturnType<typeof useModeSwitch> }) {
  const { refusal, stayInCode, returnToBuilder } = modes;
  if (refusal === undefined) {
    return null;
  }
  return (
    <Suspense fallback={null}>
      <EditedTextDialog
        builderSql={refusal.builderSql}
        sql={refusal.sql}
        hasParser={refusal.hasParser}
        onStay={stayInCode}
        onReturn={returnToBuilder}
      />
    </Suspense>
  );
}
