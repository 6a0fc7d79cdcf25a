import { DOCS_BASE_URL } from '../../src/shared/docs-links.ts';

/** URL of the project's folder, with a slash at the end. */
export const PROJECT_URL = new URL('.', DOCS_BASE_URL).href;
