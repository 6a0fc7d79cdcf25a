import { DOCS_BASE_URL } from '../../src/shared/docs-links.ts';

/** Folder of the project on the web, with a slash at the end. */
export const PROJECT_URL = new URL('.', DOCS_BASE_URL).href;
