/**
 * Links of the tables of a profile. Grafana replaces the variables of a link in all texts of its query, as they are. The proxy checks
 * ids and times when the query runs.
 */
import { type MicromegasQueryFields } from '../../contract/query';
import { type ProfileRequest } from '../../contract/query-types/profile';
import { type FieldConfig } from '../data-frames/column-display';
import { type LinkTarget } from '../data-frames/frame-options';

/** The value of another field of the row, in Grafana's syntax. */
export function fieldValue(name: string): string {
  return `\${__data.fields["${name}"]}`;
}

/** A field that links use, which panels do not show. Explore's own table shows it. */
export const HIDDEN: FieldConfig = { custom: { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } } };

export interface ProfileLink {
  title: string;
  profile: ProfileRequest;
}

/** Display options with links to profiles. Undefined without a data source. */
export function profileLinks(target: LinkTarget | undefined, links: readonly ProfileLink[]): FieldConfig | undefined {
  return (
    target && {
      links: links.map(({ title, profile }) => {
        const query: MicromegasQueryFields & { refId: string } = {
          refId: 'A',
          queryType: 'profile',
          profile,
          version: 2,
        };
        return { title, url: '', internal: { datasourceUid: target.uid, datasourceName: target.name, query } };
      }),
    }
  );
}
