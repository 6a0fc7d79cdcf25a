import { type DataFrame, type LinkModel } from '@grafana/data';
import { DataLinkButton } from '@grafana/ui';
import React from 'react';

/** The links of all fields of a row. */
export function linksOfRow(frame: DataFrame, row: number): LinkModel[] {
  return frame.fields.flatMap((field) => field.getLinks?.({ valueRowIndex: row }) ?? []);
}

/** Buttons for links. */
export function LinkButtons({ links }: { links: readonly LinkModel[] }) {
  return (
    <>
      {links.map((link) => (
        <DataLinkButton
          key={`${link.title} ${link.href}`}
          link={link}
          buttonProps={{ size: 'sm', variant: 'secondary' }}
        />
      ))}
    </>
  );
}
